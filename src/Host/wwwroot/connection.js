const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/** Calls the server's API with the key; throws a Refused when it says no. */
export class Api {
  constructor(key) { this.key = key; }

  async call(path, body) {
    const response = await fetch(`/api/v1/sandbox/${path}`, {
      method: body ? "POST" : "GET",
      headers: { "X-API-Key": this.key, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refused(response.status, answer.detail ?? `The server answered ${response.status}.`);
    return answer;
  }
}

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/** One socket that comes back by itself and goes on where it was. */
export class Connection {
  /** onState gets "connecting", "live" or "waiting"; onLost is asked before each new try and may throw to stop. */
  constructor(key, { onFrame, onState, onLost }) {
    Object.assign(this, { key, onFrame, onState, onLost, failures: 0, channel: null, position: null, closed: false });
  }

  open() {
    clearTimeout(this.timer);
    this.onState("connecting");
    const address = new URL("/api/v1/sandbox/socket", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = this.socket = new WebSocket(address, ["rookery", `key.${this.key}`]);
    socket.onopen = () => {
      this.failures = 0;
      this.onState("live");
      if (this.channel) this.sendJoin();
    };
    socket.onmessage = event => { if (socket === this.socket) this.receive(JSON.parse(event.data)); };
    socket.onclose = () => { if (socket === this.socket && !this.closed) this.lost(); };
  }

  join(channel) {
    this.channel = channel;
    this.position = null;
    if (this.isLive) this.sendJoin();
  }

  /** Returns false when there is no connection. */
  say(line) {
    if (!this.isLive) return false;
    this.socket.send(JSON.stringify({ type: "say", ...line }));
    return true;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Tries at once instead of waiting on. */
  hurry() {
    if (!this.closed && this.timer) this.retry();
  }

  get isLive() { return this.socket?.readyState === WebSocket.OPEN; }

  sendJoin() {
    this.socket.send(JSON.stringify({ type: "join", channel: this.channel, after: this.position }));
  }

  receive(frame) {
    const about = frame.channel ?? frame.message?.channel;
    if (about && about !== this.channel) return;
    if (frame.type === "joined") this.position = frame.position;
    if (frame.message) this.position = frame.message.position;
    this.onFrame(frame);
  }

  lost() {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures++) * (0.5 + Math.random() / 2);
    this.onState("waiting");
    this.timer = setTimeout(() => this.retry(), wait);
  }

  async retry() {
    clearTimeout(this.timer);
    this.timer = null;
    this.onState("connecting");
    try {
      await this.onLost();
    } catch {
      if (!this.closed) this.lost();
      return;
    }
    if (!this.closed) this.open();
  }
}
