// Runs the built command on other Node releases: the registry's `node` package carries the binaries.
// Usage: node scripts/test-nodes.mjs [VERSION…]; without versions 20.19, 22, 24 and 26.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20.19.0', '22', '24', '26']
const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzbW9rZSJ9.c2ln'
const SMOKE = [['--version'], ['--help'], ['decode', TOKEN], ['demo']].map((args) => ['bin/oidcgw.js', ...args])
/** Post-quantum signatures came with node 24.6; before, the answer is one clear line. */
const POST_QUANTUM = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast', 'test/jwt/ml-dsa.test.ts']

for (const version of versions) {
  for (const args of [...SMOKE, POST_QUANTUM]) {
    const { status, stdout, stderr } = spawnSync('npx', ['-y', '-p', `node@${version}`, 'node', ...args], { cwd: root, encoding: 'utf8' })
    if (status !== 0) {
      console.error(`node ${version}: ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
      process.exit(1)
    }
  }
  console.log(`node ${version}: --version, --help, decode, demo and the tests of ML-DSA work`)
}
