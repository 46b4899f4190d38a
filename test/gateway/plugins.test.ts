import { describe, expect, test } from 'vitest'
import { start } from './identified.js'

const NO_TRANSFORM = Object.fromEntries(['remove', 'rename', 'replace', 'add', 'append'].map((action) => [action, { headers: [] }]))
const CORRELATION = { header_name: 'Kong-Request-ID', generator: 'uuid', echo_downstream: true }

describe('request-termination', () => {
  const base = { status_code: 503, message: null, content_type: null, body: null, echo: false, trigger: null }
  test.for([
    { name: 'the default', config: {}, status: 503, body: /"message":"Service unavailable",\n/, type: 'application/json; charset=utf-8' },
    {
      name: 'a message',
      config: { status_code: 418, message: 'so "long"' },
      status: 418,
      body: /^\{"message":"so \\"long\\""\}$/,
      type: 'application/json; charset=utf-8',
    },
    { name: 'a body', config: { status_code: 200, body: '<p>', content_type: 'text/html' }, status: 200, body: /^<p>$/, type: 'text/html' },
    {
      name: 'echo',
      config: { status_code: 200, echo: true },
      status: 200,
      body: /"path":"\/get"/,
      type: 'application/json; charset=utf-8',
    },
  ])('$name', async ({ config, status, body, type }) => {
    const { get, echo } = await start({ plugins: [{ name: 'request-termination', config: { ...base, ...config } }] })
    const answer = await get()
    expect(answer.status).toBe(status)
    expect(await answer.text()).toMatch(body)
    expect(answer.headers.get('content-type')).toBe(type)
    expect(echo.received).toHaveLength(0)
  })

  test('with a trigger, only when it is there', async () => {
    const { get } = await start({ plugins: [{ name: 'request-termination', config: { ...base, trigger: 'X-Stop' } }] })
    expect((await get()).status).toBe(200)
    expect((await get('/get', { headers: { 'x-stop': '' } })).status).toBe(503)
    expect((await get('/get?X-Stop=1')).status).toBe(503)
  })

  test('scoped to a consumer, it applies once that consumer is known', async () => {
    const parts = (consumer: string) => ({
      consumers: [{ username: 'anonymous' }, { username: 'alice' }],
      plugins: [
        { name: 'identify', config: { consumer } },
        { name: 'request-termination', consumer: 'anonymous', config: base },
      ],
    })
    expect((await (await start(parts('anonymous'))).get()).status).toBe(503)
    expect((await (await start(parts('alice'))).get()).status).toBe(200)
  })

  test('scoped to a consumer group likewise', async () => {
    const parts = (groups: string[]) => ({
      consumer_groups: [{ id: 'g1', name: 'gold', tags: [] }],
      consumers: [{ username: 'alice', groups }],
      plugins: [
        { name: 'identify', config: { consumer: 'alice' } },
        { name: 'request-termination', consumer_group: 'g1', config: base },
      ],
    })
    expect((await (await start(parts(['gold']))).get()).status).toBe(503)
    expect((await (await start(parts([]))).get()).status).toBe(200)
  })
})

describe('correlation-id', () => {
  const base = CORRELATION
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  test.for([
    { generator: 'uuid', shape: UUID },
    { generator: 'uuid#counter', shape: /^[0-9a-f-]{36}#1$/ },
    { generator: 'tracker', shape: /^\d+-1-\d+\.\d{3}$/ },
  ])('$generator', async ({ generator, shape }) => {
    const { get, seen } = await start({ plugins: [{ name: 'correlation-id', config: { ...base, generator } }] })
    const answer = await get()
    expect(answer.headers.get('kong-request-id')).toMatch(shape)
    expect(seen()['Kong-Request-Id']).toBe(answer.headers.get('kong-request-id'))
  })

  test('keeps the client’s, and echoes only when asked', async () => {
    const { get, seen } = await start({ plugins: [{ name: 'correlation-id', config: { ...base, echo_downstream: false } }] })
    const answer = await get('/get', { headers: { 'kong-request-id': 'mine' } })
    expect(answer.headers.get('kong-request-id')).toBeNull()
    expect(seen()['Kong-Request-Id']).toBe('mine')
  })
})

describe('request-transformer and response-transformer', () => {
  test('change what the upstream gets, after authentication', async () => {
    const config = {
      ...NO_TRANSFORM,
      remove: { headers: ['x-gone'] },
      rename: { headers: ['x-old:x-new', 'x-absent:x-never'] },
      replace: { headers: ['x-replaced:b', 'x-missing:b'] },
      add: { headers: ['x-added:$(headers.x-old)-$(query_params.q)-$(uri_captures.id)', 'x-replaced:c'] },
      append: { headers: ['x-list:2', 'x-injected:more'] },
    }
    const { get, seen } = await start({
      path: '~/(?<id>get)',
      plugins: [
        { name: 'identify', config: {} },
        { name: 'request-transformer', config },
      ],
    })
    await get('/get?q=7', { headers: { 'x-gone': '1', 'x-old': 'o', 'x-replaced': 'a', 'x-list': '1', x_gone: '2' } })
    expect(seen()).toMatchObject({ 'X-New': 'o', 'X-Replaced': 'b', 'X-Added': 'o-7-get', 'X-List': '1, 2', 'X-Injected': 'inside, more' })
    for (const name of ['X-Gone', 'X-Old', 'X-Missing', 'X-Never', 'X_gone']) expect(seen()[name]).toBeUndefined()
  })

  test('change what the client gets', async () => {
    const config = {
      ...NO_TRANSFORM,
      remove: { headers: ['date'] },
      rename: { headers: ['content-type:x-type'] },
      add: { headers: ['x-added:1'] },
      append: { headers: ['x-added:2'] },
    }
    const { get } = await start({ plugins: [{ name: 'response-transformer', config }] })
    const { headers } = await get()
    expect(headers.get('x-type')).toBe('application/json')
    expect(headers.get('content-type')).toBeNull()
    expect(headers.get('x-added')).toBe('1, 2')
  })
})

test('plugins nobody imitates are announced and do nothing', async () => {
  const { gateway, get } = await start({
    plugins: [
      { name: 'rate-limiting', config: { minute: 1 } },
      { name: 'correlation-id', config: CORRELATION },
    ],
  })
  expect(gateway.notImitated).toEqual(['rate-limiting'])
  expect((await get()).status).toBe(200)
})
