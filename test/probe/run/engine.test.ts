import { mkdtempSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectRoute, runSuite, type RunSuiteOptions } from '../../../src/probe/library.js'
import { runInOrder } from '../../../src/probe/run/in-order.js'
import { Latencies } from '../../../src/probe/run/statistics.js'
import { serve } from '../serve.js'

const text = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

/** An upstream that shows everything it received, body included. */
const echo = () =>
  serve((request, response) => {
    void text(request).then((data) => {
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'seen=yes; Path=/', 'x-id': 'order 42' })
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, data, id: 42 }))
    })
  })

async function run(cases: object[], options: RunSuiteOptions & { more?: object } = {}) {
  const { url } = await echo()
  const { more, ...rest } = options
  return runSuite({ ...more, cases }, { gateway: url, ...rest })
}

const outcomes = ({ results }: Awaited<ReturnType<typeof runSuite>>) => results.map(({ outcome }) => outcome)

describe('chaining', () => {
  test('what one case captures another sends, whatever the number of jobs', async () => {
    const report = await run(
      [
        {
          get: '/a',
          capture: {
            id: { json: '$.id' },
            word: { header: 'x-id', pattern: '(\\d+)' },
            cookie: { cookie: 'seen' },
            code: { status: true },
          },
        },
        {
          post: '/b/${captures.word}',
          json: { id: '${captures.id}', cookie: 'is ${captures.cookie}' },
          expect: { body: { json: { '$.data': '{"id":42,"cookie":"is yes"}', '$.url': '/b/42' } } },
        },
      ],
      { jobs: 8 },
    )
    expect(report.results.map(({ message }) => message)).toEqual(['', ''])
  })

  test('a case whose capture never came cannot tell', async () => {
    const report = await run([{ get: '/a', capture: { gone: { json: '$.nothing' } } }, { get: '/${captures.gone}' }])
    expect(outcomes(report)).toEqual(['fail', 'error'])
    expect(report.results[1]?.message).toBe('${captures.gone} was never captured')
  })

  test('setup runs first and fails everything, teardown runs whatever happened', async () => {
    const report = await run([{ name: 'main', get: '/a' }], {
      more: { setup: [{ name: 'before', get: '/x', expect: 404 }], teardown: [{ name: 'after', get: '/y', expect: 200 }] },
    })
    expect(report.results.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['before fail', 'main error', 'after pass'])
  })

  test('cookies stay in their jar, and without one a case starts without any', async () => {
    const cookieOf = { body: { json: { '$.headers.cookie': 'seen=yes' } } }
    const report = await run([
      { get: '/a', jar: 'browser' },
      { get: '/a', jar: 'browser', expect: cookieOf },
      { get: '/a', jar: 'other', expect: cookieOf },
      { get: '/a', expect: cookieOf },
      { get: '/a', cookies: { own: '1' }, jar: 'browser', expect: { upstream: { cookie: 'own=1; seen=yes' } } },
    ])
    expect(outcomes(report)).toEqual(['pass', 'pass', 'fail', 'fail', 'pass'])
  })
})

describe('requests', () => {
  test('bodies of every kind, queries and methods', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oidcgw-bodies-'))
    writeFileSync(join(folder, 'a.txt'), 'from a file')
    writeFileSync(
      join(folder, 'suite.json'),
      JSON.stringify({
        cases: [
          { put: '/j', json: [1], expect: { body: { json: { '$.data': '[1]', '$.headers["content-type"]': 'application/json' } } } },
          { post: '/f', form: { a: ['1', '2'], b: 'x y' }, expect: { body: { json: { '$.data': 'a=1&a=2&b=x+y' } } } },
          { patch: '/r', body: 'raw', headers: { 'Content-Type': 'text/plain' }, expect: { body: { json: { '$.data': 'raw' } } } },
          { post: '/i', file: 'a.txt', expect: { body: { json: { '$.data': 'from a file' } } } },
          {
            post: '/m',
            multipart: [
              { name: 'one', value: '1' },
              { name: 'two "x"', file: 'a.txt', type: 'text/plain' },
            ],
            expect: {
              body: {
                json: {
                  '$.data': {
                    matches:
                      'name="one"\\r\\n\\r\\n1\\r\\n[\\s\\S]*name="two %22x%22"; filename="a.txt"\\r\\nContent-Type: text/plain\\r\\n\\r\\nfrom a file',
                  },
                },
              },
            },
          },
          {
            method: 'PURGE',
            path: '/p?x=1',
            query: { y: 'a&b' },
            expect: { body: { json: { '$.method': 'PURGE', '$.url': '/p?x=1&y=a%26b' } } },
          },
          {
            preflight: { path: '/c', origin: 'https://app.example', method: 'PUT' },
            expect: { upstream: { ':method': 'OPTIONS', 'access-control-request-method': 'PUT' } },
          },
        ],
      }),
    )
    const { url } = await echo()
    const report = await runSuite(join(folder, 'suite.json'), { gateway: url })
    expect(report.results.filter(({ outcome }) => outcome !== 'pass').map(({ name, message }) => ({ name, message }))).toEqual([])
  })

  test('a redirect to another origin takes no credential along, one to the same origin does', async () => {
    const other = await echo()
    const { url } = await serve((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: `${other.url}/there` }).end()
      else if (request.url === '/near') response.writeHead(307, { location: '/here' }).end()
      else
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ headers: request.headers, method: request.method }))
    })
    const { results } = await runSuite(
      {
        cases: [
          {
            get: '/away',
            as: 'a',
            follow: true,
            headers: { cookie: 'own=1' },
            expect: { upstream: { authorization: null, cookie: null } },
          },
          {
            post: '/near',
            as: 'a',
            json: 1,
            follow: true,
            expect: {
              upstream: { authorization: 'Bearer a-token-of-a', ':method': 'POST' },
              hops: [{ status: 307 }, { status: 200, url: `${url}/here` }],
            },
          },
        ],
      },
      { gateway: url, tokens: { a: 'a-token-of-a' } },
    )
    expect(results.map(({ message }) => message)).toEqual(['', ''])
  })

  test('retry tries until it holds, and gives up at the deadline', async () => {
    let asked = 0
    const { url } = await serve((_, response) => void response.writeHead(++asked < 3 ? 503 : 200).end())
    const retry = { for: '5s', every: '5ms' }
    const { results } = await runSuite(
      {
        cases: [
          { get: '/', retry, expect: 200 },
          { get: '/', retry: { for: '500ms', every: '100ms' }, expect: 404 },
        ],
      },
      { gateway: url },
    )
    expect(results[0]).toMatchObject({ outcome: 'pass', attempts: 3 })
    expect(results[1]?.outcome).toBe('fail')
    expect(results[1]?.attempts).toBeGreaterThan(1)
  })

  test('a timeout of a case is its own', async () => {
    const { url } = await serve(() => undefined)
    const { results } = await runSuite({ cases: [{ get: '/', timeout: '30ms' }] }, { gateway: url })
    expect(results[0]).toMatchObject({ outcome: 'error', error: { code: 'ERR_NETWORK_TIMEOUT' } })
  })
})

describe('trust', () => {
  const refuse = (status: number) => serve((_, response) => void response.writeHead(status).end())

  test.for([
    { status: 401, expected: '4xx', outcome: 'pass' },
    { status: 404, expected: '4xx', outcome: 'error' },
    { status: 405, expected: '4xx', outcome: 'error' },
    { status: 404, expected: 404, outcome: 'pass' },
    { status: 503, expected: [401, 403], outcome: 'fail' },
    { status: 404, expected: 'protected', outcome: 'error' },
    { status: 403, expected: 'protected', outcome: 'pass' },
    { status: 301, expected: 'protected', outcome: 'error' },
  ])('$status where $expected is expected → $outcome', async ({ status, expected, outcome }) => {
    const { url } = await refuse(status)
    const { results } = await runSuite({ cases: [{ get: '/', expect: expected }] }, { gateway: url })
    expect(results[0]).toMatchObject({ outcome })
  })

  test('controls marked as such must all be let in', async () => {
    const { url } = await serve(
      (request, response) => void response.writeHead(request.url === '/good' && request.headers.authorization ? 200 : 401).end(),
    )
    const cases = [
      { name: 'closed', get: '/good', expect: 401 },
      { name: 'good', get: '/good', as: 'a', control: true, expect: 200 },
      { name: 'bad', get: '/bad', as: 'a', control: true, expect: 200 },
    ]
    const bad = await runSuite({ cases }, { gateway: url, tokens: { a: 'some-token' } })
    expect(outcomes(bad)).toEqual(['error', 'pass', 'error'])
    expect(bad.results[0]).toMatchObject({ unproven: true })
    const good = await runSuite({ cases: cases.slice(0, 2) }, { gateway: url, tokens: { a: 'some-token' } })
    expect(outcomes(good)).toEqual(['pass', 'pass'])
  })

  test('a suite of refusals alone says that it has no control', async () => {
    const { url } = await refuse(401)
    const report = await runSuite({ cases: [{ get: '/', expect: 401 }] }, { gateway: url })
    expect(report.suites[0]).toMatchObject({ withoutControl: true })
  })
})

describe('expectRoute', () => {
  test('returns the result, or throws naming expected and actual', async () => {
    const { url } = await echo()
    expect(await expectRoute(`${url}/x`, { expect: 200 })).toMatchObject({ status: 200 })
    await expect(
      expectRoute('/x', { as: 'a', expect: { status: 401, headers: { 'x-id': 'order 1' } } }, { gateway: url, tokens: { a: 'tok' } }),
    ).rejects.toThrow('GET /x as a: not as expected\n  status: expected 401, got 200\n  header x-id: expected "order 1", got "order 42"')
    await expect(expectRoute('/x', { as: 'b', expect: 200 }, { gateway: url, tokens: { a: 'tok' } })).rejects.toThrow(
      'no profile named "b"',
    )
  })
})

describe('order and statistics', () => {
  test('results come in the order of the tasks, never more jobs at once than asked for', async () => {
    const emitted: number[] = []
    let [running, most] = [0, 0]
    await runInOrder({
      tasks: Array.from({ length: 50 }, (_, index) => index),
      jobs: 7,
      run: async (task) => {
        most = Math.max(most, ++running)
        for (let turns = task % 5; turns > 0; turns--) await Promise.resolve()
        running--
        return task
      },
      emit: (result) => void emitted.push(result),
    })
    expect(emitted).toEqual(Array.from({ length: 50 }, (_, index) => index))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(7)
  })

  test('percentiles are observed values', () => {
    const latencies = new Latencies()
    for (let ms = 100; ms >= 1; ms--) latencies.add({ totalMs: ms, status: ms > 50 ? 503 : 200 })
    latencies.add({ error: { code: 'ERR_NETWORK', message: '' } })
    const { latency, statuses, errors, histogram } = latencies.statistics('x') ?? {}
    expect(latency).toEqual({ count: 100, min: 1, mean: 50.5, p50: 50, p90: 90, p99: 99, max: 100 })
    expect({ statuses, errors }).toEqual({ statuses: { 200: 50, 503: 50 }, errors: { ERR_NETWORK: 1 } })
    expect(histogram?.reduce((sum, count) => sum + count, 0)).toBe(100)
    expect(new Latencies().summary()).toBeUndefined()
  })
})
