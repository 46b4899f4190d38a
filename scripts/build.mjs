// Bundles our own code and commander into split ESM chunks; every other package stays external. Types come from tsc.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const ON_THEIR_OWN = ['decode', 'verify']
const external = Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => name !== 'commander')

// Built beside and moved into place, so that a dist in use is never half there.
const fresh = `dist.${process.pid}`
mkdirSync(`${root}${fresh}`, { recursive: true })
process.on('exit', () => rmSync(`${root}${fresh}`, { recursive: true, force: true }))
const common = {
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external,
  metafile: true,
  // commander is CommonJS and requires node's own modules only. Asking for them this way loads neither node:module nor, as an ESM import
  // of node:fs would, all of node's streams.
  banner: { js: 'const require=process.getBuiltinModule;' },
  logLevel: 'warning',
}
const split = await build({
  ...common,
  entryPoints: ['src/main.ts', 'src/index.ts'],
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [
    { name: 'commander-without-child-process', setup: leaveOutChildProcess },
    { name: 'commands-on-their-own', setup: pointToTheirOwn },
  ],
})
// Plain `decode` and `verify` are run in loops: on its own each is a few files instead of twenty chunks shared with everybody.
const whole = await Promise.all(
  ON_THEIR_OWN.map((command) =>
    build({ ...common, entryPoints: [`src/cli/commands/${command}.ts`], outdir: `${fresh}/${command}`, splitting: true }),
  ),
)
const metafile = {
  inputs: Object.assign({}, ...[split, ...whole].map(({ metafile }) => metafile.inputs)),
  outputs: Object.assign({}, ...[split, ...whole].map(({ metafile }) => metafile.outputs)),
}
writeFileSync(`${root}${fresh}/metafile.json`, JSON.stringify(metafile).replaceAll(`${fresh}/`, 'dist/'))
const tsc = spawnSync(
  process.execPath,
  [
    'node_modules/typescript/bin/tsc',
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--outDir',
    `${fresh}/types`,
    '--rootDir',
    'src',
    '-p',
    'scripts/tsconfig.types.json',
  ],
  { cwd: root, stdio: ['ignore', 2, 2] },
)
if (tsc.status !== 0) process.exit(tsc.status ?? 1)
const old = `${root}dist.old.${process.pid}`
if (existsSync(`${root}dist`)) renameSync(`${root}dist`, old)
renameSync(`${root}${fresh}`, `${root}dist`)
rmSync(old, { recursive: true, force: true })

/** commander loads child_process for executable subcommands, which we have none of; that alone costs a tenth of a short command's time. */
function leaveOutChildProcess({ onResolve, onLoad }) {
  onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
    /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'left-out' } : undefined,
  )
  onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
}

/** The launcher's way past the option parser takes these commands from builds of their own, beside `main.js`. */
function pointToTheirOwn({ onResolve }) {
  onResolve({ filter: new RegExp(`^\\./commands/(${ON_THEIR_OWN.join('|')})\\.js$`) }, ({ path, importer }) => {
    const [, command] = /([a-z]+)\.js$/.exec(path)
    return /[\\/]cli[\\/]run\.ts$/.test(importer) ? { path: `./${command}/${command}.js`, external: true } : undefined
  })
}
