// webhooks.mjs MODULES SECRET LOG: what receiver.py took, verified by the official library of the specification, each at the
// time that it says it was sent. Says how many were good, and that the same with another byte is not.
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { resolve } from "node:path";

const [modules, secret, log] = process.argv.slice(2);
const { Webhook } = createRequire(resolve(modules) + "/")("standardwebhooks");
const webhook = new Webhook(secret);
const clock = Date.now;
let good = 0;

for await (const line of createInterface({ input: createReadStream(log) })) {
  const { raw, headers } = JSON.parse(line);
  Date.now = () => Number(headers["webhook-timestamp"]) * 1000;
  webhook.verify(raw, headers);
  good++;
  let refused = false;
  try {
    webhook.verify(raw.replace("{", "{ "), headers);
  } catch {
    refused = true;
  }
  if (!refused) throw new Error("a changed body was taken: " + raw);
}
Date.now = clock;
console.log(good > 0 ? "all good" : "nothing came");
