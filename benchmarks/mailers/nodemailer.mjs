// Sends a personal copy to each with nodemailer: pooled connections, each message composed for its recipient.
//   node nodemailer.mjs CONTENT.json PORT MESSAGES   prints {"seconds": …, "sent": …}
import { readFileSync } from "node:fs";
import nodemailer from "nodemailer";

const [file, port, messages] = process.argv.slice(2);
const content = JSON.parse(readFileSync(file, "utf8"));
const transport = nodemailer.createTransport({
  pool: true,
  maxConnections: 8,
  maxMessages: Infinity,
  host: "127.0.0.1",
  port: Number(port),
  secure: false,
  ignoreTLS: true,
});

function personal(text, n) {
  return text
    .replaceAll("%%NAME%%", `Reader ${n}`)
    .replaceAll("%%UNSUBSCRIBE_URL%%", `https://news.example/u/token${n}`);
}

let next = 0;
let sent = 0;

async function keepSending() {
  while (next < Number(messages)) {
    const n = next++;
    await transport.sendMail({
      from: "Ida Vang <ida@news.example>",
      to: `Reader ${n} <reader${n}@example.org>`,
      subject: content.subject,
      text: personal(content.text, n),
      html: personal(content.html, n),
      headers: { "List-Unsubscribe": `<https://news.example/u/token${n}>` },
    });
    sent++;
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: 16 }, keepSending));
const seconds = (performance.now() - began) / 1000;
transport.close();
console.log(JSON.stringify({ seconds, sent }));
