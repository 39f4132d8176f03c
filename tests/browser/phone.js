// A SIP phone in a page: registers, reports what the server said, and takes text messages.
//
// The page's address carries the settings; each event goes to /report as JSON, in order.

import JsSIP from "jssip";

const settings = new URLSearchParams(window.location.search);

let reports = Promise.resolve();
function report(event, detail = {}) {
  const body = JSON.stringify({ event, ...detail });
  reports = reports.then(() => fetch("/report", { method: "POST", body }));
}

const phone = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(settings.get("server"))],
  uri: `sip:${settings.get("user")}@${settings.get("domain")}`,
  password: settings.get("password"),
  register_expires: 120,
  session_timers: false,
});

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
phone.on("newRTCSession", ({ originator, session: begun, request }) => {
  if (originator !== "remote") return;
  session = begun;
  report("rung", { from: request.from.uri.toString() });
});

async function obey() {
  for (;;) {
    const { verb, words } = await (await fetch("/command")).json();
    if (verb === "send_message") {
      phone.sendMessage(words[0], words[1], {
        eventHandlers: {
          succeeded: ({ response }) => report("sent", { status: response.status_code }),
          failed: ({ response, cause }) =>
            report("not sent", { status: response ? response.status_code : null, cause }),
        },
      });
    } else if (verb === "decline") {
      session.terminate({ status_code: 486 });
    } else if (verb === "leave") {
      phone.unregister({ all: false });
    } else if (verb === "stop") {
      return;
    }
  }
}

window.addEventListener("error", ({ message }) => report("error", { message }));
phone.start();
obey().catch((error) => report("error", { message: String(error) }));
