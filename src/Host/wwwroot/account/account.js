import { h } from "../messages.js";

const $ = id => document.getElementById(id);
const NAMES = { discord: "Discord", twitch: "Twitch", slack: "Slack" };
let csrf = "";

/** Calls the API as whoever is signed in. Null: nobody is. */
async function call(path, method = "GET") {
  const response = await fetch(`/api/v1/auth/${path}`, { method, headers: method === "GET" ? {} : { "X-Rookery-Csrf": csrf } });
  if (response.status === 401) return null;
  if (response.status === 204) return {};
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}.`);
  return answer;
}

const show = (id, visible) => { $(id).hidden = !visible; };
const row = (what, small, ...more) => h("li", {}, h("span", { class: "what" }, what, h("small", {}, small)), ...more);
const when = instant => new Date(instant).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

async function draw() {
  const [platforms, me] = await Promise.all([call("platforms"), call("me")]);
  csrf = me?.csrf_token ?? "";
  const linked = new Set(me?.identities.map(i => i.platform));
  $("title").textContent = me ? me.identities[0].username : "Sign in";
  $("identities").replaceChildren(...(me?.identities ?? []).map(i => row(i.username, NAMES[i.platform])));
  const others = platforms.items.filter(p => !linked.has(p.platform));
  $("sign-in-hint").textContent = me ? "Link another account:" : "You stay signed in for a day. Rookery keeps your name, and no password or token.";
  $("platforms").replaceChildren(...others.map(p => p.off_because
    ? h("p", { class: "off" }, `${NAMES[p.platform]} is off: ${p.off_because}.`)
    : h("a", { class: "platform", href: `${p.login_url}?return_to=/account/` }, `${me ? "Link" : "Sign in with"} ${NAMES[p.platform]}`)));
  show("person", me);
  show("sign-in", others.length > 0);
  show("devices", me);
  show("servers", false);
  if (me) await Promise.all([drawServers(), drawSessions()]);
}

async function drawServers() {
  const guilds = (await call("guilds"))?.items ?? [];
  $("guilds").replaceChildren(...guilds.map(g => row(g.name ?? g.guild_id, g.is_admin ? "You may administer it." : g.reason)));
  show("servers", guilds.length > 0);
}

async function drawSessions() {
  const sessions = (await call("sessions"))?.items ?? [];
  $("sessions").replaceChildren(...sessions.map(s => {
    const end = h("button", { class: "quiet" }, "End");
    end.onclick = () => act(`sessions/${s.id}`, "DELETE");
    return row(s.user_agent ?? "An unknown browser", `${s.is_current ? "This one, since" : "Since"} ${when(s.created_at)} · ${s.ip ?? ""}`, s.is_current ? "" : end);
  }));
}

async function act(path, method) {
  try {
    $("problem").textContent = "";
    await call(path, method);
    await draw();
  } catch (problem) {
    $("problem").textContent = problem.message;
  }
}

$("sign-out").onclick = () => act("logout", "POST");
$("sign-out-all").onclick = () => act("logout-all", "POST");
draw().catch(problem => { $("problem").textContent = problem.message; });
