import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startProtected } from '../support/protected-gateway.js'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'
import type { ProbeReport } from '../../src/probe/report.js'
import type { HeaderPair } from '../../src/probe/request.js'
import { sendProven } from '../../src/probe/run/proven-send.js'

const BOUND = { auth_methods: ['bearer'], proof_of_possession_dpop: 'strict' }

/** A gateway that wants DPoP proofs from tokens of the embedded provider, and a project that probes it. */
async function start(routes: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
  const idp = await openIdp()
  const setup = await startProtected({ config: BOUND, routes, provider: idp, realTime: true })
  const m2m = profileFor(idp, 'm2m', { grant: 'client_credentials' })
  const project = {
    version: 1,
    profiles: { bound: { ...m2m, dpop: true }, unbound: m2m },
    gateways: { local: { url: setup.gateway.url, echo: 'body.headers' } },
  }
  const probe = async (cases: readonly unknown[]) => {
    const workspace = await createWorkspace({ ...project, suites: { dpop: { gateway: 'local', cases } } })
    const { exitCode, stdout, stderr } = await workspace.run('probe dpop --json --allow-http', { env: secretsOf(idp) })
    const { results } = JSON.parse(stdout) as ProbeReport
    return { exitCode, stderr, outcomes: results.map(({ name, outcome, message }) => [name, outcome, message]) }
  }
  return { setup, probe, createWorkspace: () => createWorkspace(project), secrets: secretsOf(idp) }
}

describe('a suite with DPoP-bound tokens (RFC 9449 §7)', () => {
  test('the proof opens the route; the token alone, another kind of token and no proof do not', async () => {
    const { probe, setup } = await start({})
    const { exitCode, outcomes, stderr } = await probe([
      { name: 'with its proof', get: '/anything', as: 'bound', expect: { status: 200, upstream: { dpop: { absent: true } } } },
      { name: 'another call, another proof', post: '/anything', as: 'bound', expect: { status: 200 } },
      {
        name: 'as a bearer token',
        get: '/anything',
        as: 'bound',
        present: 'bearer',
        expect: { status: 401, challenge: { scheme: 'DPoP' } },
      },
      { name: 'an unbound token', get: '/anything', as: 'unbound', expect: { status: 401 } },
    ])
    expect({ exitCode, outcomes, stderr }).toEqual({
      exitCode: 0,
      stderr: '',
      outcomes: ['with its proof', 'another call, another proof', 'as a bearer token', 'an unbound token'].map((name) => [
        name,
        'pass',
        '',
      ]),
    })
    expect(setup.gateway.traces).toHaveLength(4)
  })

  test('an unbound token cannot be presented with a proof, and the suite says so', async () => {
    const { probe } = await start({})
    const { exitCode, outcomes } = await probe([{ name: 'x', get: '/anything', as: 'unbound', present: 'dpop', expect: { status: 200 } }])
    expect(exitCode).toBe(2)
    expect(outcomes).toEqual([['x', 'error', 'profile unbound: present: dpop needs a bound token']])
  })
})

describe('a gateway that wants a nonce in the proof (RFC 9449 §9)', () => {
  const routes = { '/nonce': { ...BOUND, dpop_use_nonce: true } }

  test('it is shown a new proof once, and the next one has the nonce from the start', async () => {
    const { probe, setup } = await start(routes)
    const calls = Array.from({ length: 3 }, (_, index) => ({
      name: `call ${index}`,
      get: '/nonce/anything',
      as: 'bound',
      expect: { status: 200 },
    }))
    const { exitCode } = await probe(calls)
    expect(exitCode).toBe(0)
    expect(setup.gateway.traces.map(({ status }) => status)).toEqual([401, 200, 200, 200])
  })

  test('a single request, too; a token that is refused for another reason is not tried again', async () => {
    const { createWorkspace, secrets, setup } = await start(routes)
    const workspace = await createWorkspace()
    const bound = await workspace.run('probe /nonce/anything --gateway local --as bound --expect 200 --allow-http', { env: secrets })
    expect(bound).toMatchObject({ exitCode: 0 })
    const unbound = await workspace.run('probe /nonce/anything --gateway local --as unbound --expect 401 --allow-http', { env: secrets })
    expect(unbound).toMatchObject({ exitCode: 0 })
    expect(setup.gateway.traces.map(({ status }) => status)).toEqual([401, 200, 401])
  })
})

test('the latest nonce of an origin goes into its next proof, wherever it came from; others have their own (RFC 9449 §8.2)', async () => {
  const nonces = new Map<string, string>()
  const seen: unknown[] = []
  const call = (origin: string, answers: readonly { status: number; nonce?: string; demand?: boolean }[]) => {
    const left = [...answers]
    return sendProven(
      { method: 'GET', origin, path: '/', headers: [] },
      {
        nonces,
        authorize: async (request, nonce) => {
          seen.push(nonce)
          return { ...request, headers: [['dpop', 'proof']] }
        },
        send: async (request) => {
          const { status, nonce, demand } = left.shift() as (typeof answers)[number]
          const headers: HeaderPair[] = [
            ...(nonce === undefined ? [] : [['DPoP-Nonce', nonce] as const]),
            ...(demand ? [['WWW-Authenticate', 'DPoP error="use_dpop_nonce"'] as const] : []),
          ]
          return {
            request,
            answer: { status, statusMessage: '', headers, body: Buffer.alloc(0), bodyBytes: 0, firstByteMs: 0, totalMs: 0 },
          }
        },
      },
    )
  }
  await call('http://one.test', [
    { status: 401, nonce: 'n1', demand: true },
    { status: 200, nonce: 'n2' },
  ])
  await call('http://one.test', [{ status: 200, nonce: 'n3' }])
  await call('http://two.test', [{ status: 401, nonce: 'elsewhere' }])
  await call('http://one.test', [{ status: 403 }])
  expect(seen).toEqual([undefined, 'n1', 'n2', undefined, 'n3'])
})

/** The certificate's own thumbprint, as `cnf` has it (RFC 8705 §3.1). */
const thumbprintOf = (pem: string) => createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url')

describe('a suite with certificate-bound tokens (RFC 8705 §3)', () => {
  const file = (name: string) => fileURLToPath(new URL(`../idp/certificates/${name}`, import.meta.url))
  const server = (name: string) => fileURLToPath(new URL(`../../fixtures/gateway/tls/${name}`, import.meta.url))

  test.for([
    { name: 'the certificate it is bound to', flags: ['--cert', file('client.crt'), '--key', file('client.key')], status: 200 },
    { name: "somebody else's certificate", flags: ['--cert', file('impostor.crt'), '--key', file('impostor.key')], status: 401 },
    { name: 'no certificate', flags: [], status: 401 },
  ])('$name → $status', async ({ flags, status }) => {
    const keyPair = { cert: readFileSync(server('one.crt'), 'utf8'), key: readFileSync(server('one.key'), 'utf8') }
    const setup = await startProtected({ config: { auth_methods: ['bearer'], proof_of_possession_mtls: 'strict' }, keyPair })
    const { provider, gateway } = setup
    provider.script('/token', () => ({
      access_token: provider.token({ claims: { cnf: { 'x5t#S256': thumbprintOf(readFileSync(file('client.crt'), 'utf8')) } } }),
      token_type: 'Bearer',
      expires_in: 60,
    }))
    const workspace = await createWorkspace({
      version: 1,
      profiles: { bound: { issuer: provider.issuer, grant: 'client_credentials', client: { id: 'demo', secret: 'env:DEMO_SECRET' } } },
      gateways: { local: { url: gateway.secureUrl } },
      suites: { mtls: { gateway: 'local', cases: [{ name: 'bound', get: '/anything', as: 'bound', expect: { status } }] } },
    })
    const { exitCode, stdout } = await workspace.run(
      ['probe', 'mtls', '--json', '--allow-http', '--ca-file', server('one.crt'), ...flags],
      {
        env: { DEMO_SECRET: 'demo-secret' },
      },
    )
    expect((JSON.parse(stdout) as ProbeReport).results.map(({ outcome, message }) => [outcome, message])).toEqual([['pass', '']])
    expect(exitCode).toBe(0)
  })
})
