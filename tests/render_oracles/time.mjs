// The file named: MJML. For every line on stdin a run; its seconds on stdout: of mjml alone, and with juice.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import juice from 'juice';
import mjml2html from 'mjml';

const source = readFileSync(process.argv[2], 'utf8');
for await (const _ of createInterface({ input: process.stdin })) {
  const began = performance.now();
  const { html } = await mjml2html(source, { fonts: {}, keepComments: true });
  const compiled = performance.now();
  juice(html, { preserveImportant: true, removeStyleTags: false });
  const ended = performance.now();
  console.log(JSON.stringify([(compiled - began) / 1000, (ended - began) / 1000]));
}
