import { Api, Connection, Refused } from "./connection.js";
import { Composer } from "./composer.js";
import { MessageList, h } from "./messages.js";

const $ = id => document.getElementById(id);
const list = new MessageList($("log"));
const kept = {
  get: (name, otherwise) => localStorage.getItem(`rookery.${name}`) ?? otherwise,
  set: (name, value) => localStorage.setItem(`rookery.${name}`, value),
  forget: name => localStorage.removeItem(`rookery.${name}`),
};
let api, connection, earlier;

/* The key: from the address once, then from this browser. */

function keyFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return false;
  kept.set("key", key.trim());
  history.replaceState(null, "", location.pathname);
  return true;
}

async function start() {
  connection?.close();
  const key = kept.get("key", "");
  if (!key) return askForKey("");
  api = new Api(key);
  connection = new Connection(key, { onFrame: show, onState: showState, onLost: loadChannels });
  $("key-screen").hidden = true;
  $("chat").hidden = false;
  showState("connecting");
  try {
    await loadChannels();
    connection.open();
  } catch (problem) {
    if (!connection.closed) connection.lost();
  }
}

function askForKey(problem) {
  connection?.close();
  $("chat").hidden = true;
  $("key-screen").hidden = false;
  $("key-problem").textContent = problem;
  $("key-input").value = "";
  $("key-input").focus();
}

/* Channels. */

async function loadChannels() {
  let channels;
  try {
    channels = (await api.call("channels?limit=200")).items;
  } catch (problem) {
    if (problem instanceof Refused && (problem.status === 401 || problem.status === 403)) {
      kept.forget("key");
      askForKey(`${problem.message} Paste another one, or open the address the server printed.`);
    }
    throw problem;
  }
  const wanted = connection.channel ?? kept.get("channel", "lobby");
  const current = channels.find(c => c.name === wanted) ?? channels.find(c => c.name === "lobby") ?? channels[0];
  $("channels").replaceChildren(...channels.map(c => {
    const button = h("button", { type: "button" }, h("span", { class: "hash", "aria-hidden": "true" }, "#"), c.title);
    button.channel = c;
    button.onclick = () => { enter(c); openMenu(false); };
    return h("li", {}, button);
  }));
  if (current) enter(current);
  else notify("This key sees no sandbox channel yet: the channels belong to other communities.");
}

function enter(channel) {
  for (const button of $("channels").querySelectorAll("button")) {
    if (button.channel.name === channel.name) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  $("title").textContent = channel.title;
  $("text").placeholder = `Message #${channel.title}`;
  document.title = `${channel.title} – Rookery Sandbox`;
  if (connection.channel === channel.name) return;
  kept.set("channel", channel.name);
  list.reset([]);
  $("empty").hidden = $("earlier").hidden = true;
  connection.join(channel.name);
}

$("new-channel").onsubmit = async event => {
  event.preventDefault();
  const name = $("channel-name").value.trim().toLowerCase().replaceAll(/\s+/g, "-");
  $("channel-problem").textContent = "";
  try {
    await api.call("channels", { name });
    $("channel-name").value = "";
    connection.channel = null;
    kept.set("channel", name);
    await loadChannels();
    openMenu(false);
  } catch (problem) {
    $("channel-problem").textContent = problem.message.replace(/^name:\s*/, "The name ");
  }
};

/* What comes in. */

function show(frame) {
  const stick = isAtEnd();
  switch (frame.type) {
    case "joined":
      if (frame.reset) {
        list.reset(frame.messages.reverse());
        earlierAt(frame.next_cursor);
        toEnd();
      }
      break;
    case "message":
    case "deleted":
      list.put(frame.message);
      if (stick) toEnd();
      else $("newest").hidden = false;
      break;
    case "said":
      said(frame);
      break;
    case "error":
      failed(frame);
      break;
  }
  $("empty").hidden = !list.isEmpty;
}

function said(frame) {
  const text = composer.answered(frame.ref);
  if (frame.outcome === "ignored" && /^[!#]\S/.test(text)) notify(`Nothing here answers ${text.split(/\s/)[0]}. !help shows what does.`);
}

function failed(frame) {
  composer.giveBack(composer.answered(frame.ref));
  notify(frame.errors ? frame.errors.map(e => `${e.field}: ${e.message}`).join(" ") : frame.detail);
}

function showState(state) {
  if (state !== "live" && composer.forget()) {
    notify("The connection broke while something was sent. Look below whether it arrived.");
  }
  $("state").dataset.state = state;
  $("state").textContent = { live: "Live", connecting: "Connecting…", waiting: "Offline – try now" }[state];
  $("state").disabled = state !== "waiting";
}

let silence;
function notify(text) {
  $("notice").textContent = text;
  $("notice").hidden = false;
  clearTimeout(silence);
  silence = setTimeout(() => { $("notice").hidden = true; }, 8000);
}

function earlierAt(cursor) {
  earlier = cursor;
  $("earlier").hidden = !cursor;
}

$("earlier").onclick = async () => {
  const channel = connection.channel;
  const page = await api.call(`channels/${encodeURIComponent(channel)}/messages?limit=50&cursor=${earlier}`).catch(p => notify(p.message));
  if (!page || channel !== connection.channel) return;
  const fromEnd = $("scroll").scrollHeight - $("scroll").scrollTop;
  page.items.forEach(m => list.put(m));
  earlierAt(page.next_cursor);
  $("scroll").scrollTop = $("scroll").scrollHeight - fromEnd;
};

const isAtEnd = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 80;
const toEnd = () => { $("scroll").scrollTop = $("scroll").scrollHeight; $("newest").hidden = true; };
$("newest").onclick = toEnd;
let atEnd = true;
$("scroll").onscroll = () => {
  atEnd = isAtEnd();
  if (atEnd) $("newest").hidden = true;
};

/* Who reads the newest line keeps reading it when the field below grows or the keyboard comes up. */
new ResizeObserver(() => { if (atEnd) toEnd(); }).observe($("scroll"));

/* What goes out. */

const composer = new Composer({
  form: $("say"),
  field: $("text"),
  chips: $("chips"),
  send(text, ref) {
    const name = $("name").value.trim();
    if (!name) {
      openMenu(true);
      $("name").focus();
      notify("Give yourself a name first.");
      return false;
    }
    const said = connection.say({ text, user_id: name.toLowerCase(), user_name: name, role: $("role").value, ref });
    if (said) {
      $("notice").hidden = true;
      toEnd();
    } else notify("No connection at the moment; your message stays here.");
    return said;
  },
});

/* The rest of the page. */

function openMenu(open) {
  document.body.classList.toggle("menu-open", open);
  $("menu").setAttribute("aria-expanded", String(open));
  if (open) $("side").querySelector("button, input")?.focus();
}

$("menu").onclick = () => openMenu(!document.body.classList.contains("menu-open"));
$("backdrop").onclick = () => openMenu(false);
addEventListener("keydown", event => { if (event.key === "Escape") openMenu(false); });
$("state").onclick = () => connection.hurry();
addEventListener("online", () => connection?.hurry());
addEventListener("hashchange", () => { if (keyFromAddress()) start(); });

for (const field of ["name", "role"]) {
  $(field).value = kept.get(field, $(field).value || "Guest");
  $(field).onchange = () => kept.set(field, $(field).value.trim());
}
$("me").onsubmit = event => { event.preventDefault(); openMenu(false); $("text").focus(); };
$("key-form").onsubmit = event => {
  event.preventDefault();
  kept.set("key", $("key-input").value.trim());
  start();
};

keyFromAddress();
start();
