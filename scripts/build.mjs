// Bundles our own code and commander into split ESM chunks; every other package stays external. Types come from tsc.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version, dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
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
// Commands that are run in loops are one file each, with the launcher before them: every file costs a tenth of node's own start. What they
// import when they need it, and all other commands, are split into chunks.
const WHOLE = ['src/main.ts', ...['decode', 'token', 'verify'].map((name) => `src/cli/commands/${name}.ts`)]
const lazy = new Map()
const builds = [
  await build({ ...common, entryPoints: ['src/errors.ts'] }),
  await build({ ...common, entryPoints: WHOLE, entryNames: '[name]', plugins: [plugin('whole', keepWhole), ...everywhere()] }),
]
builds.push(
  await build({
    ...common,
    entryPoints: { index: 'src/index.ts', ...Object.fromEntries([...lazy].map(([name, file]) => [`lazy/${name}`, file])) },
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    plugins: everywhere(),
  }),
)
const metafile = {
  inputs: Object.assign({}, ...builds.map(({ metafile }) => metafile.inputs)),
  outputs: Object.assign({}, ...builds.map(({ metafile }) => metafile.outputs)),
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

function plugin(name, setup) {
  return { name, setup }
}

function everywhere() {
  return [
    plugin('commander-without-child-process', leaveOutChildProcess),
    plugin('one-error-class', shareErrors),
    plugin('version', writeVersion),
  ]
}

/** A dynamic import of a whole command stays beside it; any other leads to a file that the split build makes, by the name of its source. */
function keepWhole({ onResolve }) {
  onResolve({ filter: /^\.{1,2}\// }, ({ path, importer, kind }) => {
    if (kind !== 'dynamic-import') return undefined
    const file = relative(root, resolve(dirname(importer), path.replace(/\.js$/, '.ts')))
    if (WHOLE.includes(file)) return { path: `./${basename(file, '.ts')}.js`, external: true }
    const name = file.replace(/^src\/|\.ts$/g, '').replaceAll('/', '-')
    lazy.set(name, file)
    return { path: `./lazy/${name}.js`, external: true }
  })
}

/** An error of one build is an error of them all: its class is in one file, which package.json knows as `#errors`. */
function shareErrors({ onResolve }) {
  onResolve({ filter: /\/errors\.js$/ }, ({ path, importer }) =>
    resolve(dirname(importer), path) === `${root}src/errors.js` ? { path: '#errors', external: true } : undefined,
  )
}

/** Read once here instead of at every start. */
function writeVersion({ onLoad }) {
  onLoad({ filter: /[\\/]src[\\/]cli[\\/]version\.ts$/ }, () => ({ contents: `export const VERSION = ${JSON.stringify(version)}` }))
}

/** commander loads child_process for executable subcommands, which we have none of; that alone costs a tenth of a short command's time. */
function leaveOutChildProcess({ onResolve, onLoad }) {
  onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
    /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'left-out' } : undefined,
  )
  onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
}
