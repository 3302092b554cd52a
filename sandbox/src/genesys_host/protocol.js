// The host's side of the Client App SDK protocol: plain objects by postMessage, both ways.
// It listens to one window at one origin and ignores everything else, silently, as the real host does.

const PROTOCOL = "purecloud-client-apps";
const STOP_WITHIN_MS = 2000;

const text = (value, most) => (typeof value === "string" ? value.slice(0, most) : "");

export class Channel {
  #frame;
  #origin;
  #handlers;
  #stopped = null;

  constructor(frame, origin, handlers) {
    this.#frame = frame;
    this.#origin = origin;
    this.#handlers = handlers;
    window.addEventListener("message", this);
  }

  handleEvent(event) {
    const data = event.data;
    if (event.source !== this.#frame.contentWindow || event.origin !== this.#origin) return;
    if (typeof data !== "object" || data === null || Array.isArray(data)) return;
    if (data.protocol !== PROTOCOL || typeof data.action !== "string") return;
    this.#act(data);
  }

  #act(data) {
    switch (data.action) {
      case "bootstrapped":
        this.#handlers.bootstrapped();
        break;
      case "stopped":
        this.#stopped?.();
        break;
      case "showToast":
        this.#handlers.toast({
          id: text(data.id, 64) || "default",
          title: text(data.title, 80),
          message: text(data.message, 400),
          type: ["error", "info", "success"].includes(data.type) ? data.type : "info",
          seconds: Number.isFinite(data.timeout) ? data.timeout : 7,
          hasClose: data.showCloseButton === true,
        });
        break;
      case "setAttentionCount":
        if (Number.isInteger(data.count) && data.count >= 0) this.#handlers.attention(data.count);
        break;
      case "openWindow":
        this.#handlers.openWindow(text(data.targetUrl, 2000));
        break;
      case "proposeInteractionMessage":
        if (data.mode === "insert") this.#handlers.propose(text(data.message, 2000));
        break;
    }
  }

  // hook: bootstrap, focus, blur or stop.
  lifecycle(hook) {
    this.#frame.contentWindow?.postMessage({ purecloudEventType: "appLifecycleHook", hook }, this.#origin);
  }

  // Asks the app to stop and waits for it, but not for long.
  async close() {
    await new Promise((resolve) => {
      this.#stopped = resolve;
      this.lifecycle("stop");
      setTimeout(resolve, this.#handlers.isReady() ? STOP_WITHIN_MS : 0);
    });
    window.removeEventListener("message", this);
    this.#frame.remove();
  }
}
