// Verifying and decoding many tokens: our verifier on one thread against `openssl speed`, our decoder against jose's, two worker threads against one.
// Usage: node bench/bulk.mjs [--tokens 4000] [--rounds 4] [--json]     Fails only past a gate; goals are reported.
import { spawnSync } from 'node:child_process'
import { constants, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { decodeJwt as joseDecode, decodeProtectedHeader } from 'jose'

const { values: flags } = parseArgs({
  options: {
    tokens: { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(root, 'node_modules', '.oidcgw-bulk-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
await build({
  entryPoints: ['verify', 'key-set', 'decode'].map((name) => join(root, 'src', 'jwt', `${name}.ts`)),
  outdir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  outExtension: { '.js': '.mjs' },
  logLevel: 'error',
})
const load = (name) => import(pathToFileURL(join(folder, `${name}.mjs`)).href)
const [{ verifyJwt }, { createKeySet }, { decodeJwt }] = await Promise.all(['verify', 'key-set', 'decode'].map(load))

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const ALGORITHMS = [
  { alg: 'RS256', pair: rsa, hash: 'sha256', options: {}, openssl: 'rsa2048', goal: 0.4, gate: 0.3 },
  { alg: 'PS256', pair: rsa, hash: 'sha256', options: PSS, openssl: 'rsa2048', goal: 0.36, gate: 0.27 },
  {
    alg: 'ES256',
    pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    hash: 'sha256',
    options: { dsaEncoding: 'ieee-p1363' },
    openssl: 'ecdsap256',
    goal: 0.55,
    gate: 0.42,
  },
  { alg: 'EdDSA', pair: generateKeyPairSync('ed25519'), hash: null, options: {}, openssl: 'ed25519', goal: 0.7, gate: 0.55 },
]
const seconds = Math.floor(Date.now() / 1000)
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const issuer = 'https://idp.example/oauth2/default'

function mint({ alg, pair, hash, options }, index) {
  const claims = {
    iss: issuer,
    aud: ['orders', 'billing'],
    sub: `user-${index}`,
    client_id: 'web',
    jti: `j${index}`,
    iat: seconds - 10,
    exp: seconds + 86_400,
  }
  const input = `${encode({ alg, kid: alg, typ: 'at+jwt' })}.${encode({ ...claims, scope: 'orders.read orders.write', groups: ['everyone', 'admins', 'auditors'], note: 'x'.repeat(120) })}`
  return `${input}.${sign(hash, Buffer.from(input), { key: pair.privateKey, ...options }).toString('base64url')}`
}

const tokens = new Map(ALGORITHMS.map((row) => [row.alg, Array.from({ length: Number(flags.tokens) }, (_, index) => mint(row, index))]))
const jwks = { keys: ALGORITHMS.map(({ alg, pair }) => ({ ...pair.publicKey.export({ format: 'jwk' }), kid: alg, alg })) }
const keys = createKeySet(jwks)
const expected = { keys, now: Date.now(), issuer, audience: 'orders', stopEarly: true }

/** Items a second of CPU time: neighbours on the machine count less than by the clock. */
function rate(items, work) {
  const before = process.cpuUsage()
  for (const item of items) work(item)
  const { user, system } = process.cpuUsage(before)
  return items.length / ((user + system) / 1e6)
}

function opensslRate(name) {
  const { stdout } = spawnSync('openssl', ['speed', '-seconds', '1', name], { encoding: 'utf8' })
  return Number(stdout?.trim().split(/\s+/).at(-1))
}

// A verifier that says no is fast: see that it says yes, and no.
for (const list of tokens.values()) {
  if (!verifyJwt(list[0], expected).valid || verifyJwt(`${list[0].slice(0, -8)}AAAAAAAA`, expected).valid)
    throw new Error('the verifier is wrong')
}

const ratios = new Map()
const note = (name, ratio) => void ratios.set(name, [...(ratios.get(name) ?? []), ratio])
for (let round = 0; round <= Number(flags.rounds); round++) {
  for (const { alg, openssl } of ALGORITHMS) {
    const limit = opensslRate(openssl)
    const ours = rate(tokens.get(alg), (token) => verifyJwt(token, expected))
    if (round > 0) note(`verify ${alg} / openssl`, ours / limit) // round 0 warms up
  }
  const list = tokens.get('RS256')
  const theirs = rate(list, (token) => [decodeProtectedHeader(token), joseDecode(token)])
  const ours = rate(list, (token) => decodeJwt(token))
  if (round > 0) note('decode / jose', ours / theirs)
}

// The command itself, with its worker threads; reported, never a gate.
const { NODE_EXTRA_CA_CERTS: _ca, NODE_OPTIONS: _options, ...env } = process.env
writeFileSync(join(folder, 'jwks.json'), JSON.stringify(jwks))
for (const alg of ['RS256', 'ES256']) {
  const many = Array.from({ length: 5 }, () => tokens.get(alg)).flat()
  writeFileSync(join(folder, 'tokens'), `${many.join('\n')}\n`)
  const time = (threads) => {
    const started = performance.now()
    const argv = [
      join(root, 'bin', 'oidcgw.js'),
      'verify',
      '-o',
      'jsonl',
      '--threads',
      threads,
      '--jwks',
      join(folder, 'jwks.json'),
      join(folder, 'tokens'),
    ]
    const { status } = spawnSync(process.execPath, argv, { env, stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) throw new Error(`bulk verify ended with ${status}`)
    return performance.now() - started
  }
  for (let round = 0; round < Number(flags.rounds); round++) note(`${alg}: two threads / one`, time('1') / time('2'))
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
const limits = new Map([
  ...ALGORITHMS.map(({ alg, goal, gate }) => [`verify ${alg} / openssl`, { goal, gate }]),
  ['decode / jose', { goal: 1.5, gate: 1.2 }],
  ['RS256: two threads / one', { goal: 1.35 }],
  ['ES256: two threads / one', { goal: 1.5 }],
])
const rows = [...ratios]
  .map(([name, list]) => ({ name, ratio: median(list), ...limits.get(name) }))
  .filter(({ ratio }) => Number.isFinite(ratio))
if (flags.json) {
  console.log(JSON.stringify({ schema: 'oidcgw/bench-bulk/v1', node: process.version, tokens: Number(flags.tokens), rows }, null, 2))
} else {
  console.log(`node ${process.version}, ${flags.tokens} tokens of ${tokens.get('RS256')[0].length} bytes, load ${loadavg()[0].toFixed(1)}`)
  if (rows.length < limits.size) console.log('openssl is not here: its ratios are skipped')
  for (const { name, ratio, goal, gate } of rows) {
    const word = gate !== undefined && ratio < gate ? 'PAST THE GATE' : ratio < goal ? 'under the goal' : 'within the goal'
    console.log(
      `${name.padEnd(26)} ${ratio.toFixed(2)}   goal >= ${goal}   ${gate === undefined ? 'report only' : `gate >= ${gate}`}   ${word}`,
    )
  }
}
process.exitCode = rows.some(({ ratio, gate }) => gate !== undefined && ratio < gate) ? 1 : 0
