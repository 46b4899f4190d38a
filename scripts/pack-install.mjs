// The package as a user gets it: packs it, installs the tarball in an empty folder and runs the installed command there.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'oidcgw-pack-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const packed = run('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], { cwd: root, quiet: true })
const answer = JSON.parse(packed.slice(packed.search(/^[[{]/m)))
const [{ filename, files }] = Array.isArray(answer) ? answer : Object.values(answer)
const stray = files
  .map(({ path }) => path)
  .filter((path) => !/^(bin\/|dist\/|docs\/|schemas\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path))
if (stray.length > 0) fail(`files that do not belong into the package: ${stray.join(', ')}`)

writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n')
run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', join(folder, filename)], { cwd: folder })
run('npx', ['oidcgw', '--version'], { cwd: folder })
run('npx', ['oidcgw', 'demo'], { cwd: folder })
// The library, as a vitest user has it.
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', `vitest@${devDependencies.vitest}`], { cwd: folder })
for (const example of ['gateway.test.ts', 'tokens.test.ts']) copyFileSync(join(root, 'fixtures/examples', example), join(folder, example))
run('npx', ['vitest', 'run'], { cwd: folder })
console.log(`pack-install: ${filename} installs and runs`)

function run(command, args, { cwd, quiet = false }) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, npm_config_yes: 'true' },
  })
  if (!quiet || status !== 0)
    process.stderr.write(`$ ${command} ${args.map((argument) => argument.replace(folder, '.')).join(' ')}\n${stdout ?? ''}${stderr ?? ''}`)
  if (status !== 0) fail(`${command} ended with ${status ?? error?.message}`)
  return stdout
}

function fail(message) {
  console.error(`pack-install: ${message}`)
  process.exit(1)
}
