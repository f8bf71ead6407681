import { h } from "/messages.js";

const $ = id => document.getElementById(id);
const code = new URLSearchParams(location.search).get("code") ?? "";
const back = encodeURIComponent(`/live/invite/?code=${code}`);
let csrf = "";

async function call(path, method = "GET") {
  const response = await fetch(`/api/v1/${path}`, { method, headers: method === "GET" ? {} : { "X-Rookery-Csrf": csrf } });
  if (response.status === 401) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.detail ?? `The server answered ${response.status}.`);
  return answer;
}

const step = (text, href) => h("a", { class: "platform", href }, text);

async function draw() {
  if (!/^[0-9a-f]{6,32}$/.test(code)) throw new Error("This address has no invitation in it; ask for the whole link.");
  const me = await call("auth/me");
  csrf = me?.csrf_token ?? "";
  if (!me?.identities.some(i => i.platform === "twitch")) {
    $("text").textContent = "Somebody wants to tell their members when you go live. Sign in with Twitch to show which channel is yours; no right in it is asked for.";
    $("steps").replaceChildren(step("Sign in with Twitch", `/auth/twitch/login?return_to=${back}`));
    return;
  }
  const guild = await call(`live/invites/${code}`);
  const channel = me.identities.find(i => i.platform === "twitch").username;
  $("title").textContent = guild.name;
  $("text").textContent = `Shall ${guild.name} tell its members when ${channel} goes live?`;
  const accept = h("button", { class: "primary" }, "Yes, tell them");
  accept.onclick = () => take(accept, guild.name);
  $("steps").replaceChildren(accept, ...(me.identities.some(i => i.platform === "discord") ? [] :
    [h("p", { class: "off" }, "Sign in with Discord as well, if you want to change the text of the posts as a member there: "),
      step("Sign in with Discord", `/auth/discord/login?return_to=${back}`)]));
}

async function take(button, name) {
  try {
    button.disabled = true;
    $("problem").textContent = "";
    const taken = await call(`live/invites/${code}/accept`, "POST");
    $("text").textContent = `Done: ${name} hears of it when twitch.tv/${taken.streamer} goes live.`;
    $("steps").replaceChildren();
  } catch (problem) {
    $("problem").textContent = problem.message;
    button.disabled = false;
  }
}

draw().catch(problem => { $("problem").textContent = problem.message; });
