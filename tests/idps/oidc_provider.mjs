// An identity provider that nobody here wrote: npm's oidc-provider, with the little around it that makes it a bank's.
//
//   node oidc_provider.mjs MODULE FOLDER
//
// MODULE is the folder of the package. FOLDER holds people.json, and client.json (the client's metadata; read on the first request). It prints its
// issuer when it answers, and ends when its standard input does. Its pages keep their windows apart (COOP), as those of large providers do.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [module, folder] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(join(module, "lib", "index.js")));
const read = (name) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const people = read("people.json");

// What it says somebody has shown: by choosing a name, and by choosing it again where more was asked for.
const CHOSEN = "urn:example:chosen";
const AGAIN = "urn:example:chosen-again";

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html><title>oidc-provider</title><h1>${title}</h1>${body}`;

function settings() {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  return {
    clients: [read("client.json")],
    jwks: { keys: [{ ...key, alg: "ES256", use: "sig", kid: "k1" }] },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    scopes: ["openid"],
    claims: { openid: ["sub"], profile: ["name", "roles"], acr: null, auth_time: null, sid: null },
    acrValues: [CHOSEN, AGAIN],
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(context, form) {
          const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>';
          context.body = page("Do you want to sign out?", form + button);
        },
        postLogoutSuccessSource(context) {
          context.body = page("You are signed out", "");
        },
      },
    },
    // It guards itself against addresses of its own network, where we are.
    fetch: (url, { dispatcher: _guard, ...options }) => globalThis.fetch(url, options),
    interactions: { url: (_, interaction) => `/choose/${interaction.uid}` },
    findAccount: (_, id) => {
      const [login, who] = Object.entries(people).find(([, who]) => who.sub === id) ?? [];
      return login && { accountId: id, claims: () => ({ sub: id, name: who.name, roles: who.roles }) };
    },
    // The bank's own client: nobody is asked whether she agrees.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  };
}

async function choose(provider, request, response) {
  const { prompt, params } = await provider.interactionDetails(request, response);
  const who = people[new URL(request.url, issuer).searchParams.get("auto")];
  if (who && prompt.name === "login") {
    const acr = (params.acr_values ?? "").split(" ").includes(AGAIN) ? AGAIN : CHOSEN;
    return provider.interactionFinished(request, response, { login: { accountId: who.sub, acr, remember: true } });
  }
  const links = Object.entries(people).map(([login, { name }]) => `<li><a href="?auto=${login}">${escaped(name)}</a></li>`);
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(page("Who are you?", `<ul>${links.join("")}</ul>`));
}

let provider;
let answer;

// Made when it is first asked for: by then the client is known.
function begin() {
  provider = new Provider(issuer, settings());
  provider.use((context, next) => {
    context.set("Cross-Origin-Opener-Policy", "same-origin");
    return next();
  });
  answer = provider.callback();
}

const server = createServer((request, response) => {
  if (!provider) begin();
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  if (!request.url.startsWith("/choose/")) return answer(request, response);
  choose(provider, request, response).catch((error) => {
    // Said, so that a test that fails says why.
    response.statusCode = 500;
    response.end(escaped(String(error)));
  });
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
console.log(issuer);
process.stdin.resume().on("end", () => process.exit(0));
