import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';

/**
 * Run by `npm run build`. The command line as a few files with all that they need: a thousand modules, each read, linked and
 * kept by itself, would take half of the time that a command takes to begin, and 15 MB of the memory of one that stays
 * (`bench/README.md`). Node keeps the text of what it has loaded, and takes two bytes for each character of a text with but
 * one that is not Latin: so it is ASCII, without comments (5 MB less). It is not minified: a stack trace shall tell
 * something. The library, `dist/index.js`, stays as it is: whoever uses it bundles it.
 */
await build({
  input: ['dist/cli/run.js', 'dist/cli/terminal.js'],
  platform: 'node',
  external: [/^@opentelemetry\//], // optional: may be there, or not
  output: {
    dir: 'dist/command',
    format: 'esm',
    chunkFileNames: '[name].js',
    cleanDir: true,
    charset: 'ascii',
    comments: false,
  },
  plugins: [
    { name: 'licenses', generateBundle },
    { name: 'english-alone', load: withoutLocales },
  ],
});

/** Zod can say what is wrong in some sixty languages, and brings them all along. English, which it loads by itself, is all that is asked for. */
function withoutLocales(id) {
  return /zod\/v4\/locales\/index\.js$/.test(id) ? 'export {}' : null;
}

/** What the licenses of others ask for: their words come along with their code. */
function generateBundle(_options, chunks) {
  const modules = Object.values(chunks).flatMap(({ moduleIds = [] }) => moduleIds);
  const packages = new Set(modules.flatMap((id) => packageOf(id) ?? []));
  const source = [...packages]
    .sort()
    .map(licenseText)
    .join(`\n${'-'.repeat(80)}\n\n`);
  this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source });
}

/** The folder of the package that a module belongs to; undefined for our own. */
function packageOf(id) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
}

function licenseText(folder) {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const words =
    file === undefined
      ? `Copyright: ${nameOf(author)} ${nameOf(repository)}`
      : readFileSync(join(folder, file), 'utf8');
  return `${name} ${version}, ${license}\n\n${words.trim()}\n`;
}

function nameOf(said = '') {
  return typeof said === 'string' ? said : (said.name ?? said.url);
}
