// {name: MJML} on stdin -> {name: {html, errors}} on stdout, by npm's mjml
import { readFileSync } from 'node:fs';
import mjml2html from 'mjml';

const sources = JSON.parse(readFileSync(0, 'utf8'));
const made = {};
for (const [name, source] of Object.entries(sources)) {
  const { html, errors } = await mjml2html(source, { fonts: {}, keepComments: true, validationLevel: 'soft' });
  made[name] = { html, errors: errors.map(error => error.formattedMessage) };
}
process.stdout.write(JSON.stringify(made));
