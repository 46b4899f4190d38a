import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { parseSource } from '../../src/config/document.js'
import type { Authorize } from '../../src/probe/authorize.js'
import { runSuite } from '../../src/probe/library.js'
import { runSuites } from '../../src/probe/run/run-suites.js'
import { loadSuites } from '../../src/probe/suite/load.js'
import type { ProbeSuite } from '../../src/probe/suite/suite.js'
import { answer, SUITE, TOKEN, type Draft } from './good-gateway.js'
import { serve } from './serve.js'

const CONTEXT = { host: { env: {} }, profiles: ['good'], gateways: { any: { url: 'http://127.0.0.1' } } }
const host = { env: {}, now: () => new Date(), signal: new AbortController().signal }
const authorize: Authorize = async (request) => ({
  ...request,
  headers: [...request.headers, ['authorization', 'Bearer opaque-good-token']],
})
let loaded: Promise<ProbeSuite[]> | undefined

async function run(mutate: (draft: Draft, path: string) => void | Promise<void> = () => undefined) {
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const draft = answer(request)
    await mutate(draft, request.url ?? '')
    response.writeHead(draft.status, draft.headers).end(draft.body)
  }
  const { url } = await serve((request, response) => void reply(request, response))
  const [suite] = await (loaded ??= loadSuites(
    [{ source: parseSource(JSON.stringify(SUITE), 'suite'), folder: '.', name: 'suite' }],
    CONTEXT,
  ))
  const report = await runSuites([{ ...(suite as ProbeSuite), gateway: { url } }], { host, authorize, jobs: 4 })
  return report.results.filter(({ outcome }) => outcome !== 'pass').map(({ name, outcome, message }) => ({ name, outcome, message }))
}

const header = (name: string, value: string | undefined) => (draft: Draft) => {
  if (value === undefined) delete draft.headers[name]
  else draft.headers[name] = value
}
const on =
  (path: string, change: (draft: Draft) => void | Promise<void>) =>
  (draft: Draft, asked: string): void | Promise<void> =>
    asked.startsWith(path) ? change(draft) : undefined
const location = (from: string, to: string) => (draft: Draft) =>
  void (draft.headers['location'] = String(draft.headers['location']).replace(from, to))
const body = (change: (document: { items: unknown[]; headers: Record<string, string> }) => void) => (draft: Draft) => {
  const document = JSON.parse(draft.body) as { items: unknown[]; headers: Record<string, string> }
  change(document)
  draft.body = JSON.stringify(document)
}

describe('a mutant makes exactly the right case fail, and the message names expected and actual', () => {
  test('nothing changed: nothing fails', async () => {
    expect(await run()).toEqual([])
  })

  test.for([
    {
      name: 'wrong status',
      change: on('/orders', (draft) => void (draft.status = 203)),
      failing: { status: 'status: expected 200, got 203' },
    },
    {
      name: 'an unprotected route',
      change: on('/closed', (draft) => void (draft.status = 200)),
      failing: { protected: 'protection: expected 401, 403 or a redirect to a login, got 200' },
    },
    {
      name: 'no route at all',
      change: on('/closed', (draft) => void (draft.status = 404)),
      failing: { protected: 'protection: expected 401, 403 or a redirect to a login, got 404' },
      outcome: 'error',
    },
    {
      name: 'a broken route',
      change: on('/closed', (draft) => void (draft.status = 502)),
      failing: { protected: 'protection: expected 401, 403 or a redirect to a login, got 502' },
      outcome: 'error',
    },
    {
      name: 'a header lost',
      change: on('/open', header('x-route', undefined)),
      failing: { headers: 'header x-route: expected "orders", got nothing' },
    },
    {
      name: 'a header too many',
      change: on('/open', header('server', 'kong/3.15')),
      failing: { headers: 'header server: expected nothing, got "kong/3.15"' },
    },
    {
      name: 'another realm',
      change: on('/closed2', (draft) =>
        header('www-authenticate', String(draft.headers['www-authenticate']).replace('idp.', 'evil.'))(draft),
      ),
      failing: { challenge: 'challenge realm: expected "idp.example", got "evil.example"' },
    },
    {
      name: 'another scheme',
      change: on('/closed2', header('www-authenticate', 'Basic realm="idp.example"')),
      failing: {
        challenge:
          'challenge scheme: expected "bearer", got "Basic"; challenge error: expected "invalid_token", got nothing; challenge scope: expected something containing "orders", got nothing',
      },
    },
    {
      name: 'a cookie without HttpOnly',
      change: on('/login', (draft) => header('set-cookie', String(draft.headers['set-cookie']).replace(' HttpOnly;', ''))(draft)),
      failing: { cookies: 'cookie auth* httponly: expected set, got not set' },
    },
    {
      name: 'a cookie for everybody',
      change: on('/login', (draft) => header('set-cookie', String(draft.headers['set-cookie']).replace('Lax', 'None'))(draft)),
      failing: { cookies: 'cookie auth* samesite: expected "Lax", got "None"' },
    },
    {
      name: 'PKCE downgraded',
      change: on('/login', location('S256', 'plain')),
      failing: { redirect: 'redirect parameter code_challenge_method: expected "S256", got "plain"' },
    },
    {
      name: 'state lost',
      change: on('/login', location('state=', 'stat=')),
      failing: { redirect: 'redirect parameter state: expected something, got nothing' },
    },
    {
      name: 'scope shrunk',
      change: on('/login', location('openid+', '')),
      failing: { redirect: 'redirect scope: expected something containing "openid", got "profile"' },
    },
    {
      name: 'a redirect parameter twice',
      change: on('/login', location('response_type=code', 'response_type=code&response_type=token')),
      failing: { redirect: 'redirect parameter response_type: expected "code", got ["code","token"]' },
    },
    {
      name: 'another provider',
      change: on('/login', location('idp.example/a', 'evil.example/a')),
      failing: { redirect: 'redirect to: expected "https://idp.example/authorize", got "https://evil.example/authorize"' },
    },
    {
      name: 'another hop',
      change: on('/hop', header('location', 'open')),
      failing: { hops: 'hop 1 location: expected "/open", got "open"' },
    },
    {
      name: 'a header not injected',
      change: on(
        '/orders',
        body((document) => void delete document.headers['issuer-header']),
      ),
      failing: { upstream: 'upstream Issuer-Header: expected "https://idp.example", got nothing' },
    },
    {
      name: 'a header not stripped',
      change: on(
        '/orders',
        body((document) => void (document.headers['x-secret'] = 's')),
      ),
      failing: { upstream: 'upstream x-secret: expected nothing, got "s"' },
    },
    {
      name: 'another token forwarded',
      change: on(
        '/orders',
        body(
          (document) =>
            void (document.headers['authorization'] =
              `Bearer ${TOKEN.replace(/^[^.]*/, Buffer.from('{"alg":"RS256","typ":"JWT"}').toString('base64url'))}`),
        ),
      ),
      failing: { forwarded_token: 'forwarded token header typ: expected "at+jwt", got "JWT"' },
    },
    {
      name: 'no token forwarded',
      change: on(
        '/orders',
        body((document) => void delete document.headers['authorization']),
      ),
      failing: { forwarded_token: 'forwarded token in authorization: expected a JWT, got nothing' },
    },
    {
      name: 'an opaque token forwarded',
      change: on(
        '/orders',
        body((document) => void (document.headers['authorization'] = 'Bearer opaque')),
      ),
      failing: { forwarded_token: 'forwarded token in authorization: expected a JWT, got something that is no JWT' },
    },
  ] as const)('$name', async ({ change, failing, ...more }) => {
    const outcome = 'outcome' in more ? more.outcome : 'fail'
    expect(await run(change as (draft: Draft, path: string) => void)).toEqual(
      Object.entries(failing).map(([name, message]) => ({ name, outcome, message })),
    )
  })

  test('a login that is a 200 page is not a redirect to a login', async () => {
    const page = on(
      '/login',
      (draft) =>
        void Object.assign(draft, { status: 200, headers: { 'content-type': 'text/html' }, body: '<form><input type="password"></form>' }),
    )
    expect(await run(page)).toContainEqual({
      name: 'login',
      outcome: 'fail',
      message: 'login: expected a redirect to a login, got a 200 login page',
    })
  })

  test('a 200 login page is no open door, and no control either', async () => {
    const page = { headers: { 'content-type': 'text/html; charset=utf-8' }, body: "<input name=p type='password'>" }
    const failing = await run(on('/orders', (draft) => void Object.assign(draft, page)))
    expect(failing).toContainEqual({
      name: 'status',
      outcome: 'error',
      message: 'positive control: status: expected 200, got a 200 login page',
    })
    expect(failing).toContainEqual({ name: 'protected', outcome: 'error', message: 'refused, but so was the good credential' })
  })

  test('the body: text, JSON and schema each notice', async () => {
    const failing = await run(
      on(
        '/open',
        body((document) => void document.items.pop()),
      ),
    )
    expect(failing.map(({ name }) => name)).toEqual(['body text', 'body json', 'body schema', 'capture'])
    expect(failing[1]?.message).toBe('body $.items[*].id: expected [1,2], got 1')
    expect(failing[2]?.message).toBe('body: expected a body that fits the schema, got /items must NOT have fewer than 2 items')
    expect(failing[3]?.message).toBe('capture id: expected something, got nothing')
  })

  test('a slow answer', async () => {
    const { url } = await serve((_, response) => void setTimeout(() => response.end(), 30))
    const cases = ['20ms', '60s'].map((limit) => ({ get: '/', expect: { time: { first_byte: limit } } }))
    const { results } = await runSuite({ cases }, { gateway: url })
    expect(results.map(({ outcome }) => outcome)).toEqual(['fail', 'pass'])
    expect(results[0]?.message).toMatch(/^time to the first byte: expected at most 20 ms, got \d+\.\d ms$/)
  })
})
