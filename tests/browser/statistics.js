// What the browser counts on a call (W3C webrtc-stats), as one flat record and as a table to read.

export async function statistics(connection) {
  const all = [...(await connection.getStats()).values()];
  const one = (type) => all.find((entry) => entry.type === type && (entry.kind ?? "audio") === "audio");
  const byId = (id) => all.find((entry) => entry.id === id) ?? {};
  const received = one("inbound-rtp") ?? {};
  const sent = one("outbound-rtp") ?? {};
  const reported = one("remote-inbound-rtp") ?? {};
  const transport = one("transport") ?? {};
  const pair = byId(transport.selectedCandidatePairId);
  return {
    codec: byId(received.codecId).mimeType ?? null,
    sentCodec: byId(sent.codecId).mimeType ?? null,
    packetsReceived: received.packetsReceived ?? 0,
    packetsSent: sent.packetsSent ?? 0,
    packetsLost: received.packetsLost ?? 0,
    packetsDiscarded: received.packetsDiscarded ?? 0,
    concealedSamples: received.concealedSamples ?? 0,
    jitterMs: milliseconds(received.jitter),
    roundTripMs: milliseconds(reported.roundTripTime),
    lostAtThePeer: reported.packetsLost ?? null,
    checkRoundTripMs: milliseconds(pair.currentRoundTripTime),
    ice: connection.iceConnectionState,
    dtls: transport.dtlsState ?? null,
    dtlsRole: transport.dtlsRole ?? null,
    tls: transport.tlsVersion ?? null,
    srtp: transport.srtpCipher ?? null,
    localCandidate: byId(pair.localCandidateId).candidateType ?? null,
    remoteCandidate: byId(pair.remoteCandidateId).candidateType ?? null,
    remoteAddress: byId(pair.remoteCandidateId).address ?? null,
    localName: byId(pair.localCandidateId).usernameFragment ?? null,
  };
}

export function show(table, record) {
  table.replaceChildren(
    ...Object.entries(record).map(([name, value]) => {
      const row = document.createElement("tr");
      row.append(cell("th", name), cell("td", value ?? "not measured"));
      return row;
    }),
  );
}

function cell(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

function milliseconds(seconds) {
  return seconds === undefined ? null : seconds * 1000;
}
