const TOGETHER = 5 * 60_000;
const LINK = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/g;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** An element with children; strings become text, never markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(c => c !== undefined && c !== null));
  return element;
}

/** The conversation, in the order of the messages' ids. */
export class MessageList {
  constructor(log) {
    this.log = log;
    this.items = new Map();
  }

  get isEmpty() { return this.items.size === 0; }

  reset(messages) {
    this.log.setAttribute("aria-busy", "true");
    this.log.replaceChildren();
    this.items.clear();
    messages.forEach(m => this.put(m));
    this.log.removeAttribute("aria-busy");
  }

  /** Shows a message, or what became of it. */
  put(message) {
    const item = h("li", { class: classOf(message), id: `m${message.id}` });
    item.message = message;
    const known = this.items.get(message.id);
    this.items.set(message.id, item);
    item.append(...this.partsOf(message));
    if (known) {
      known.replaceWith(item);
    } else {
      let before = this.log.lastElementChild;
      while (before && before.message.id > message.id) before = before.previousElementSibling;
      before ? before.after(item) : this.log.prepend(item);
    }
    this.arrange(item);
    if (item.nextElementSibling) this.arrange(item.nextElementSibling);
  }

  /** A day's first message names the day; a person's next one needs no second head, an answer right below no quote. */
  arrange(item) {
    const { message } = item;
    const before = item.previousElementSibling?.message;
    const at = new Date(message.created_at);
    const newDay = !before || new Date(before.created_at).toDateString() !== at.toDateString();
    item.classList.toggle("at-once", before !== undefined && before.id === message.reply_to);
    if (newDay) item.dataset.day = day.format(at);
    else delete item.dataset.day;
    item.classList.toggle("follows", !newDay && before.author_id === message.author_id && before.is_bot === message.is_bot
      && before.author_role === message.author_role && at - new Date(before.created_at) < TOGETHER && !message.reply_to);
  }

  partsOf(message) {
    const at = new Date(message.created_at);
    const head = h("div", { class: "head" },
      h("b", {}, message.author_name),
      message.is_bot ? h("span", { class: "badge bot" }, "bot") : undefined,
      !message.is_bot && message.author_role !== "member" ? h("span", { class: `badge ${message.author_role}` }, message.author_role) : undefined,
      h("time", { datetime: message.created_at, title: full.format(at) }, clock.format(at)));
    return [avatarOf(message), h("div", { class: "content" }, head, this.answered(message), bodyOf(message), deletedOf(message))];
  }

  answered(message) {
    const first = this.items.get(message.reply_to)?.message;
    return first
      ? h("a", { class: "answered", href: `#m${first.id}`, "aria-label": `Answers ${first.author_name}: ${first.body}` }, `↩ ${first.author_name}: ${first.body}`)
      : message.mention_name && !message.body.includes(message.mention_name) ? h("span", { class: "mention" }, `@${message.mention_name}`) : undefined;
  }
}

function classOf(message) {
  const refused = message.is_bot && message.response?.success === false;
  return ["message", message.is_bot && "from-bot", refused && "refused", message.deleted_at && "deleted"].filter(Boolean).join(" ");
}

function avatarOf(message) {
  if (message.is_bot) return h("img", { class: "avatar", src: "favicon.svg", alt: "" });
  const avatar = h("span", { class: "avatar", "aria-hidden": "true" }, [...message.author_name][0].toUpperCase());
  let hue = 7;
  for (const c of message.author_id) hue = (hue * 31 + c.codePointAt(0)) % 360;
  avatar.style.setProperty("--hue", hue);
  return avatar;
}

function bodyOf(message) {
  const tag = message.deleted_at ? "s" : "span";
  const data = message.response?.response_data;
  return h("div", { class: "body" },
    message.body || !data ? h(tag, { dir: "auto" }, ...(message.deleted_at ? [message.body] : linked(message.body))) : undefined,
    message.action !== "chat" ? h("span", { class: "badge" }, message.action) : undefined,
    data ? h("pre", {}, JSON.stringify(data, null, 2)) : undefined);
}

function deletedOf(message) {
  return message.deleted_at
    ? h("p", { class: "reason" }, message.deleted_reason ? `Deleted – ${message.deleted_reason}` : "Deleted")
    : undefined;
}

function linked(text) {
  return text.split(LINK).map((part, i) =>
    i % 2 ? h("a", { href: part, target: "_blank", rel: "noopener noreferrer nofollow" }, part) : part);
}
