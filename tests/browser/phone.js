// A SIP phone in a page: registers (a visitor has no password, and only calls), calls and is called,
// takes text messages, and reports all of it.
//
// The page's address carries the settings; each event goes to /report as JSON, in order. What to
// do comes from /command.

import JsSIP from "jssip";
import { Ear } from "./ear.js";
import { show, statistics } from "./statistics.js";

const settings = new URLSearchParams(window.location.search);
const NEAR_HZ = 15;
const AUDIBLE_DB = -70;
const REFRESH_MS = 500;

let reports = Promise.resolve();
function report(event, detail = {}) {
  const body = JSON.stringify({ event, ...detail });
  reports = reports.then(() => fetch("/report", { method: "POST", body }));
}

const phone = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(settings.get("server"))],
  uri: `sip:${settings.get("user")}@${settings.get("domain")}`,
  password: settings.get("password"),
  register: settings.get("password") !== "", // without one it is a visitor
  display_name: settings.get("name") ?? "",
  register_expires: 120,
  session_timers: false,
});

// What a browser does to a voice makes noise of a tone.
const MEDIA = {
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  video: false,
};

function paths() {
  const turn = settings.get("turn");
  if (!turn) return { iceServers: [] };
  const server = {
    urls: turn,
    username: settings.get("turnUser"),
    credential: settings.get("turnPassword"),
  };
  return { iceServers: [server], iceTransportPolicy: "relay" };
}

phone.on("connected", () => report("connected"));
phone.on("disconnected", () => report("disconnected"));
phone.on("registered", ({ response }) =>
  report("registered", { status: response.status_code, contact: response.getHeader("Contact") }),
);
phone.on("unregistered", () => report("unregistered"));
phone.on("registrationFailed", ({ response, cause }) =>
  report("refused", { status: response ? response.status_code : null, cause }),
);
phone.on("newMessage", ({ originator, message }) => {
  if (originator !== "remote") return;
  report("message", { from: message.remote_identity.uri.toString(), body: message.request.body });
});

let session = null;
let ear = null;

phone.on("newRTCSession", ({ originator, session: begun, request }) => {
  session = begun;
  begun.on("progress", () => report("ringing"));
  begun.on("confirmed", () => report("answered"));
  begun.on("ended", ({ originator: who, cause }) => over("ended", { who, cause }));
  begun.on("failed", ({ originator: who, cause, message }) =>
    over("failed", { who, cause, status: message?.status_code ?? null }),
  );
  begun.on("getusermediafailed", (error) => report("error", { message: String(error) }));
  begun.on("peerconnection:setremotedescriptionfailed", (error) =>
    report("error", { message: String(error) }),
  );
  if (begun.connection) watch(begun.connection);
  else begun.on("peerconnection", ({ peerconnection }) => watch(peerconnection));
  if (originator === "remote") report("rung", { from: request.from.uri.toString() });
});

function watch(connection) {
  // JsSIP waits for all candidates; the ones of this machine are there at once.
  connection.addEventListener("track", ({ streams, track }) => {
    ear?.close();
    ear = new Ear(streams[0] ?? new MediaStream([track]));
  });
  connection.addEventListener("connectionstatechange", () =>
    report("connection", { state: connection.connectionState }),
  );
}

function over(event, detail) {
  ear?.close();
  ear = null;
  report(event, detail);
}

setInterval(async () => {
  const connection = session?.connection;
  if (!connection || connection.connectionState === "closed") return;
  show(document.getElementById("statistics"), await statistics(connection));
}, REFRESH_MS);

function renegotiate(options, event) {
  session.renegotiate(options, () => report(event));
}

const verbs = {
  send_message(target, text) {
    phone.sendMessage(target, text, {
      eventHandlers: {
        succeeded: ({ response }) => report("sent", { status: response.status_code }),
        failed: ({ response, cause }) =>
          report("not sent", { status: response ? response.status_code : null, cause }),
      },
    });
  },
  dial(target) {
    phone.call(target, { mediaConstraints: MEDIA, pcConfig: paths() });
  },
  answer() {
    session.answer({ mediaConstraints: MEDIA, pcConfig: paths() });
  },
  decline() {
    session.terminate({ status_code: 486 });
  },
  hang_up() {
    session.terminate();
  },
  hold() {
    session.hold({}, () => report("held"));
  },
  resume() {
    session.unhold({}, () => report("resumed"));
  },
  renegotiate() {
    renegotiate({}, "renegotiated");
  },
  restart_ice() {
    renegotiate({ rtcOfferConstraints: { iceRestart: true } }, "restarted");
  },
  press(digits) {
    session.sendDTMF(digits, { transportType: "RFC2833" });
  },
  async listen(hz) {
    const isIt = (found, db) => Math.abs(found - Number(hz)) <= NEAR_HZ && db > AUDIBLE_DB;
    report("heard", await ear.until(isIt));
  },
  async listen_for_silence() {
    report("quiet", await ear.until((_found, db) => db <= AUDIBLE_DB));
  },
  async tell_loudest() {
    report("loudest", ear.loudest());
  },
  async tell_statistics() {
    const counted = await statistics(session.connection);
    report("statistics", { ...counted, shown: document.body.innerText });
  },
  tell_description() {
    const { localDescription, remoteDescription } = session.connection;
    report("description", { local: localDescription.sdp, remote: remoteDescription.sdp });
  },
  leave() {
    phone.unregister({ all: false });
  },
};

async function obey() {
  for (;;) {
    const { verb, words } = await (await fetch("/command")).json();
    if (verb === "stop") return;
    Promise.resolve(verbs[verb](...words)).catch((error) =>
      report("error", { message: `${verb}: ${error}` }),
    );
  }
}

window.addEventListener("error", ({ message }) => report("error", { message }));
phone.start();
obey().catch((error) => report("error", { message: String(error) }));
