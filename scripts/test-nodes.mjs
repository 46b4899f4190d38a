// Runs the built command on other Node releases: the registry's `node` package carries the binaries.
// Usage: node scripts/test-nodes.mjs [VERSION…]; without versions 20.19, 22, 24 and 26.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20.19.0', '22', '24', '26']
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzbW9rZSJ9.c2ln'
/** Post-quantum keys came with node 24.6; before, the answer is one clear line. */
const POST_QUANTUM = ['keys', 'new', '--alg', 'ML-DSA-44']
const SMOKE = [['--version'], ['--help'], ['decode', TOKEN], ['demo'], POST_QUANTUM]

for (const version of versions) {
  for (const args of SMOKE) {
    const expected = args === POST_QUANTUM && Number.parseInt(version) < 24 ? 2 : 0
    const { status, stdout, stderr } = spawnSync('npx', ['-y', '-p', `node@${version}`, 'node', 'bin/oidcgw.js', ...args], {
      cwd: root,
      encoding: 'utf8',
    })
    if (status !== expected) {
      console.error(`node ${version}: oidcgw ${args.join(' ')} ended with ${status}, not ${expected}\n${stdout}${stderr}`)
      process.exit(1)
    }
  }
  console.log(`node ${version}: ${SMOKE.map(([name]) => name).join(', ')} answer as they should`)
}
