import { beforeAll, describe, expect, test } from 'vitest'
import { startScriptedProvider } from '../../support/scripted-provider.js'
import { startProtected, type Protected } from '../../support/protected-gateway.js'
import { untilAll } from '../../support/until-all.js'
import { AUTHENTICATION_ROWS } from './outcome-rows/authentication.js'
import { AUTHORIZATION_ROWS } from './outcome-rows/authorization.js'
import { stranger, bearer, type Row } from './outcome-rows/row.js'

const ROWS = [...AUTHENTICATION_ROWS, ...AUTHORIZATION_ROWS]
const MESSAGES: Readonly<Record<number, string>> = { 401: 'Unauthorized', 403: 'Forbidden' }
const needsOwnGateway = ({ arrange, consumers }: Row) => arrange !== undefined || consumers !== undefined
const pathOf = (row: Row) => `/row-${ROWS.indexOf(row)}`

describe('outcome table (section 2.4)', () => {
  // one gateway with a route a row, where rows do not need the provider or the document for themselves
  const until = untilAll()
  let shared: Protected
  beforeAll(async () => {
    const routes = Object.fromEntries(ROWS.filter((row) => !needsOwnGateway(row)).map((row) => [pathOf(row), row.config ?? {}]))
    shared = await startProtected({ config: bearer, routes, until })
  })

  test.for(ROWS)('$name → $status', async (row) => {
    const { config = {}, consumers = [], arrange, ask = {}, ...expected } = row
    const own = needsOwnGateway(row)
    const setup = own ? await startProtected({ config, consumers }) : shared
    arrange?.(setup)
    const asked = typeof ask === 'function' ? ask(setup.provider) : ask
    const answer = await setup.ask(own ? asked : { ...asked, path: `${pathOf(row)}/anything` })
    expect(answer.status).toBe(expected.status)
    if (expected.status === 200) {
      expect(answer.upstream).toBeDefined()
      return
    }
    expect(answer.upstream).toBeUndefined()
    expect(answer.body).toBe(JSON.stringify({ message: expected.message ?? MESSAGES[expected.status] }))
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.challenge).toBe(expected.challenge === null ? undefined : `Bearer realm="127.0.0.1"${expected.challenge ?? ''}`)
    if (expected.reason) expect(answer.trace.reason).toBe(expected.reason)
  })

  test('discovery fails but a previous configuration is cached: works from the cache', async () => {
    const { ask, provider, clock } = await startProtected({ config: bearer })
    expect((await ask({ bearer: provider.token() })).status).toBe(200)
    provider.script('/.well-known/openid-configuration', { status: 500 })
    clock.pass(7200)
    expect((await ask({ bearer: provider.token() })).status).toBe(200)
    expect((await ask({ bearer: provider.token({ key: stranger }) })).status).toBe(401)
  })
})

describe('around the table', () => {
  test('expose_error_code: false removes the error code', async () => {
    const { ask, provider } = await startProtected({ config: { ...bearer, expose_error_code: false, scopes_required: ['write'] } })
    expect((await ask({ bearer: 'x' })).challenge).toBe('Bearer realm="127.0.0.1"')
    expect((await ask({ bearer: provider.token() })).challenge).toBe('Bearer realm="127.0.0.1"')
  })

  test('bodies have 26 and 23 bytes', async () => {
    const { ask, provider } = await startProtected({ config: { ...bearer, scopes_required: ['write'] } })
    expect((await ask()).headers['content-length']).toBe('26')
    expect((await ask({ bearer: provider.token() })).headers['content-length']).toBe('23')
  })

  test('messages, redirects by client, display_errors', async () => {
    const named = await startProtected({
      config: { ...bearer, unauthorized_error_message: 'No', forbidden_error_message: 'Never', scopes_required: ['write'] },
    })
    expect((await named.ask()).body).toBe('{"message":"No"}')
    expect((await named.ask({ bearer: named.provider.token() })).body).toBe('{"message":"Never"}')

    const redirected = await startProtected({
      config: {
        ...bearer,
        scopes_required: ['write'],
        client_id: ['one', 'two'],
        client_secret: ['a', 'b'],
        unauthorized_redirect_uri: ['https://app.example/login', 'https://two.example/login'],
        forbidden_redirect_uri: ['https://app.example/denied'],
        unexpected_redirect_uri: ['https://app.example/oops'],
      },
    })
    expect(await redirected.ask()).toMatchObject({
      status: 302,
      body: '',
      headers: { location: 'https://app.example/login', 'content-length': '0' },
    })
    expect((await redirected.ask({ headers: { 'x-client-id': 'two' } })).headers['location']).toBe('https://two.example/login')
    expect((await redirected.ask({ bearer: redirected.provider.token() })).headers['location']).toBe('https://app.example/denied')
  })

  test('run_on_preflight: OPTIONS is judged, or passes untouched', async () => {
    const judged = await startProtected({ config: bearer })
    expect((await judged.ask({ method: 'OPTIONS' })).status).toBe(401)
    const open = await startProtected({
      config: { ...bearer, run_on_preflight: false, upstream_headers: [{ header: 'X-Email', path: ['email'] }] },
    })
    const answer = await open.ask({
      method: 'OPTIONS',
      headers: { 'x-email': 'forged', origin: 'https://a.example', 'access-control-request-method': 'GET' },
    })
    expect(answer.upstream?.method).toBe('OPTIONS')
    expect(answer.upstream?.headers).not.toHaveProperty('X-Email')
    expect((await open.ask()).status).toBe(401)
  })

  test('the provider hangs: the call is cut at `timeout`, and waiting requests share it', async () => {
    const provider = await startScriptedProvider()
    provider.script('/.well-known/openid-configuration', 'hang')
    const { ask } = await startProtected({ provider, config: { ...bearer, timeout: 150 } })
    const answers = await Promise.all([ask({ bearer: 'a' }), ask({ bearer: 'b' }), ask({ bearer: 'c' })])
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(provider.count('/.well-known/openid-configuration')).toBe(1)
  })
})
