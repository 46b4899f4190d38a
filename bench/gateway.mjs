// The gateway's hot path against nginx (one worker), in one run: plain proxying; and against its own plain: a cached bearer, a session in
// memory, a cached introspection, and one route of 2,000.
// Recipe: all servers at once, sanity checks, warm-up, rounds in random order, medians of pairwise ratios, CPU per request from /proc.
// Usage: node bench/gateway.mjs [--rounds 6] [--seconds 2] [--connections 32] [--only bearer,session] [--json]
// Exits 1 past a gate, 2 when something it needs is missing.
import { spawn, spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { cpuSeconds, median, readReport, shuffle } from './wrk.mjs'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string' },
    bin: { type: 'string', default: fileURLToPath(new URL('../bin/oidcgw.js', import.meta.url)) },
    json: { type: 'boolean', default: false },
  },
})
for (const program of ['wrk', 'nginx']) {
  if (spawnSync(program, ['-v']).error) {
    console.error(`bench:gateway needs ${program} on the PATH`)
    process.exit(2)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'oidcgw-bench-'))
const children = []
process.on('exit', () => {
  for (const child of children) child.kill('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

// Node 20 parses that whole bundle at start; the options of a developer's shell do not belong here either.
const { NODE_EXTRA_CA_CERTS: _ca, NODE_OPTIONS: _options, NODE_COMPILE_CACHE: _cache, ...env } = process.env

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

function start(command, args, options = {}) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], ...options })
  child.errors = ''
  child.stderr.on('data', (chunk) => (child.errors += chunk))
  children.push(child)
  return child
}

/** Answers to `GET path`, whole. */
function get(port, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, headers, host: '127.0.0.1' }, (answer) => {
      let body = ''
      answer
        .setEncoding('latin1')
        .on('data', (chunk) => (body += chunk))
        .on('end', () => resolve({ status: answer.statusCode, body, headers: answer.headers }))
    })
    sent.on('error', reject).end()
  })
}

async function waitFor(port, path = '/') {
  for (let attempt = 0; attempt < 1200; attempt++) {
    try {
      return await get(port, path)
    } catch {
      await sleep(50)
    }
  }
  throw new Error(`nothing listens on port ${port}: ${children.map(({ errors }) => errors).join('')}`)
}

const [upstreamPort, nginxPort, gatewayPort, largePort] = [await freePort(), await freePort(), await freePort(), await freePort()]
const BODY = 'x'.repeat(200)

// The provider is a few answers of the upstream's nginx.
const issuer = `http://127.0.0.1:${upstreamPort}/idp`
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const seconds = Math.floor(Date.now() / 1000)
const input = `${encode({ alg: 'RS256', kid: 'bench', typ: 'at+jwt' })}.${encode({
  iss: issuer,
  sub: 'alice',
  aud: ['orders'],
  scope: 'orders.read orders.write',
  iat: seconds,
  exp: seconds + 3600,
  groups: Array(16).fill('a-group-name'),
})}`
const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
const broken = `${token.slice(0, -8)}AAAAAAAA`
const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256', use: 'sig' }] })
const metadata = JSON.stringify({
  issuer,
  jwks_uri: `${issuer}/jwks`,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  introspection_endpoint: `${issuer}/introspect`,
  id_token_signing_alg_values_supported: ['RS256'],
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
})
const tokens = JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 })
const active = JSON.stringify({ active: true, iss: issuer, sub: 'alice', scope: 'orders.read', exp: seconds + 3600 })

const nginx = (name, server) => {
  const file = join(folder, `${name}.conf`)
  writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${join(folder, `${name}.pid`)}; error_log ${join(folder, `${name}.log`)};
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; default_type application/json;
${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${join(folder, `${name}-${kind}`)};`).join(' ')}
${server} }`,
  )
  return start('nginx', ['-p', folder, '-c', file])
}
nginx(
  'upstream',
  `server { listen 127.0.0.1:${upstreamPort} backlog=1024;
  location / { return 200 '${BODY}'; }
  location = /idp/.well-known/openid-configuration { return 200 '${metadata}'; }
  location = /idp/jwks { return 200 '${keys}'; }
  location = /idp/token { return 200 '${tokens}'; }
  location = /idp/introspect { return 200 '${active}'; } }`,
)
const reference = nginx(
  'reference',
  `upstream up { server 127.0.0.1:${upstreamPort}; keepalive 64; keepalive_requests 100000000; }
server { listen 127.0.0.1:${nginxPort} backlog=1024; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
)

const protect = (config) => ({
  name: 'openid-connect',
  config: { issuer, client_id: ['bench'], client_secret: ['bench-secret'], ...config },
})
const ROUTES = [
  { name: 'plain', paths: ['/plain'] },
  {
    name: 'bearer',
    paths: ['/bearer'],
    plugins: [protect({ auth_methods: ['bearer'], scopes_required: ['orders.read'], audience_required: ['orders'] })],
  },
  {
    name: 'session',
    paths: ['/session'],
    plugins: [protect({ auth_methods: ['password', 'session'], session_secret: 'bench-session-secret-0123456789abcdef' })],
  },
  {
    name: 'introspection',
    paths: ['/introspection'],
    plugins: [protect({ auth_methods: ['introspection'], introspect_jwt_tokens: true })],
  },
]
const MANY = Array.from({ length: 2_000 }, (_, index) => ({
  name: `route-${index}`,
  paths: [`/team-${index % 40}/service-${index}`],
  methods: ['GET', 'POST'],
}))

function startGateway(name, port, routes) {
  const file = join(folder, `${name}.json`)
  writeFileSync(
    file,
    JSON.stringify({ _format_version: '3.0', services: [{ name: 'upstream', url: `http://127.0.0.1:${upstreamPort}`, routes }] }),
  )
  return start(process.execPath, [flags.bin, 'gateway', 'run', file, '--port', String(port), '--session-store', 'memory'])
}
const gateway = startGateway('gateway', gatewayPort, ROUTES)
const large = startGateway('large', largePort, MANY)

await Promise.all([upstreamPort, nginxPort, gatewayPort, largePort].map((port) => waitFor(port)))

const basic = `Basic ${Buffer.from('alice:alice-password').toString('base64')}`
/** A session that has just begun: one in use gets a new cookie once a minute, which a browser takes and wrk does not. */
async function signIn() {
  const { headers } = await get(gatewayPort, '/session/x', { authorization: basic })
  return { cookie: (headers['set-cookie'] ?? []).map((field) => field.split(';')[0]).join('; ') }
}
const bearer = { authorization: `Bearer ${token}` }
const ARMS = [
  { name: 'nginx', port: nginxPort, path: '/plain/x', child: reference },
  { name: 'plain', port: gatewayPort, path: '/plain/x', child: gateway, against: 'nginx', goal: 0.2, gate: 0.13, cpuGoal: 6.5 },
  {
    name: 'bearer',
    port: gatewayPort,
    path: '/bearer/x',
    child: gateway,
    credential: () => bearer,
    against: 'plain',
    goal: 0.85,
    gate: 0.65,
    cpuGoal: 1.2,
  },
  { name: 'session', port: gatewayPort, path: '/session/x', child: gateway, credential: signIn, against: 'plain', goal: 0.85, gate: 0.65 },
  {
    name: 'introspection',
    port: gatewayPort,
    path: '/introspection/x',
    child: gateway,
    credential: () => bearer,
    against: 'plain',
    goal: 0.8,
    gate: 0.65,
  },
  { name: '2,000 routes', port: largePort, path: '/team-17/service-1777/x', child: large, against: 'plain', goal: 0.8, gate: 0.65 },
].filter(({ name }) => name === 'nginx' || name === 'plain' || !flags.only || flags.only.split(',').includes(name))

// The fastest server is one that refuses: look at the answers before measuring.
for (const { name, port, path, credential } of ARMS) {
  const answer = await get(port, path, await credential?.())
  if (answer.status !== 200 || answer.body !== BODY)
    throw new Error(`${name}: ${answer.status} ${answer.body.slice(0, 100)}\n${gateway.errors}`)
}
for (const [path, headers] of [
  ['/bearer/x', {}],
  ['/bearer/x', { authorization: `Bearer ${broken}` }],
  ['/session/x', { cookie: (await signIn()).cookie.replace(/.$/, '_') }],
]) {
  const { status } = await get(gatewayPort, path, headers)
  if (status !== 401) throw new Error(`a request that must be refused was answered ${status}`)
}

/** One run of wrk; undefined when any answer was not as it should be. */
async function measure({ port, path, child, credential }, runSeconds) {
  const headers = (await credential?.()) ?? {}
  const before = cpuSeconds(child.pid)
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const args = ['-t1', `-c${flags.connections}`, `-d${runSeconds}s`, '--latency', '--timeout', '20s', ...fields]
  const wrk = start('wrk', [...args, `http://127.0.0.1:${port}${path}`])
  let text = ''
  wrk.stdout.on('data', (chunk) => (text += chunk))
  await new Promise((resolve) => wrk.on('close', resolve))
  const cpu = cpuSeconds(child.pid) - before
  const requests = Number(/(\d+) requests in/.exec(text)?.[1] ?? 0)
  if (requests === 0 || /Non-2xx|Socket errors/.test(text)) throw new Error(`void: an answer was not as expected\n${text}`)
  return readReport(text, cpu / requests)
}

async function compare() {
  const rounds = []
  for (let round = 0; round < Number(flags.rounds); round++) {
    const results = {}
    for (const arm of shuffle(ARMS)) results[arm.name] = await measure(arm, Number(flags.seconds))
    rounds.push(results)
  }
  const column = (name, key) => rounds.map((results) => results[name][key])
  const ratio = (name, against, key) => median(rounds.map((results) => results[name][key] / results[against][key]))
  const rates = column('nginx', 'rate')
  return {
    noise: Math.max(...rates) / Math.min(...rates),
    rows: ARMS.map(({ name, against, goal, gate, cpuGoal }) => ({
      name,
      rate: Math.round(median(column(name, 'rate'))),
      cpuUs: Math.round(median(column(name, 'cpuUs'))),
      p50: median(column(name, 'p50')),
      p99: median(column(name, 'p99')),
      ...(against && { against, rateRatio: ratio(name, against, 'rate'), cpuRatio: ratio(name, against, 'cpuUs'), goal, gate, cpuGoal }),
    })),
  }
}

for (const arm of ARMS) await measure(arm, 2)
let result = await compare()
// A machine this uneven proves nothing: try again, at most twice, before a gate may fail.
for (let retry = 0; retry < 2 && result.noise > 3 && result.rows.some(({ rateRatio, gate }) => rateRatio < gate); retry++)
  result = await compare()

const version = createHash('sha256').update(readFileSync(flags.bin)).digest('hex').slice(0, 8)
if (flags.json) {
  console.log(JSON.stringify({ schema: 'oidcgw/bench-gateway/v1', node: process.version, version, load: loadavg()[0], ...result }, null, 2))
} else {
  console.log(
    `node ${process.version}, ${flags.rounds} rounds of ${flags.seconds} s, ${flags.connections} connections, load ${loadavg()[0].toFixed(1)}${result.noise > 3 ? ', NOISY' : ''}`,
  )
  for (const { name, rate, cpuUs, p50, p99, against, rateRatio, cpuRatio, goal, cpuGoal } of result.rows) {
    const compared = against
      ? `  ${rateRatio.toFixed(2)} of ${against} (goal ${goal})  CPU ${cpuRatio.toFixed(2)}x${cpuGoal ? ` (goal ${cpuGoal})` : ''}`
      : ''
    console.log(
      `${name.padEnd(14)} ${String(rate).padStart(6)} req/s  ${String(cpuUs).padStart(4)} us  p50 ${p50.toFixed(1)}  p99 ${p99.toFixed(1)} ms${compared}`,
    )
  }
}
// The servers run until this process ends, so it ends itself.
process.exit(result.rows.some(({ rateRatio, gate }) => rateRatio < gate) ? 1 : 0)
