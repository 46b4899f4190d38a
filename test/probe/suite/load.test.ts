import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseSource } from '../../../src/config/document.js'
import { loadSuites } from '../../../src/probe/suite/load.js'
import type { ProbeSuite } from '../../../src/probe/suite/suite.js'

const context = {
  host: { env: { HOME: '/home/x' } },
  gateways: { local: { url: 'http://127.0.0.1:8000' } },
  profiles: ['m2m', 'alice'],
}

const load = (text: string, folder = '.'): Promise<ProbeSuite[]> =>
  loadSuites([{ source: parseSource(text, 'suites.yaml'), folder, name: 'suites' }], context)

const problems = (text: string): Promise<string> =>
  load(text).then(
    () => 'none',
    (error: Error) => error.message,
  )

describe('a suite as written', () => {
  test('the example of the design: cases and a matrix', async () => {
    const [smoke, access] = await load(`
suites:
  smoke:
    gateway: local
    cases:
      - { name: closed, get: /get, as: none, expect: { status: 401, challenge: { scheme: Bearer } } }
      - { name: open, get: /get, as: m2m, expect: { status: 200, upstream: { issuer-header: "\${profile.issuer}" } } }
  access:
    gateway: local
    matrix: { routes: [/orders, POST /admin], as: [none, m2m, alice], expect: [[401, 200, "2xx"], [401, 403, null]] }
`)
    expect(smoke?.cases.map(({ name, as, expect: { status } }) => [name, as, status])).toEqual([
      ['closed', 'none', [401]],
      ['open', 'm2m', [200]],
    ])
    expect(access?.cases.map(({ name, expect: { status } }) => [name, status])).toEqual([
      ['GET /orders as none', [401]],
      ['GET /orders as m2m', [200]],
      ['GET /orders as alice', ['2xx']],
      ['POST /admin as none', [401]],
      ['POST /admin as m2m', [403]],
    ])
    expect(access?.cases[4]).toMatchObject({ cell: { route: 'POST /admin', expected: '403' }, where: 'suites.yaml:10:105' })
  })

  test('a case inherits from its suite, and its own headers win', async () => {
    const [suite] = await load(`
gateway: local
as: m2m
headers: { X-Tenant: blue, accept: text/html }
timeout: 2s
tags: [smoke]
retry: { for: 5s, every: 100ms }
cases:
  - get: /a
  - { post: /b, as: none, json: { a: 1 }, headers: { x-tenant: red }, tags: fast, timeout: 100ms, follow: true }
  - { preflight: { path: /c, origin: "https://app.example", method: PUT, headers: [x-a, x-b] } }
  - { curl: "curl -X DELETE /d -H 'X-One: 1'" }
`)
    const [a, b, c, d] = suite?.cases ?? []
    expect(a).toMatchObject({ as: 'm2m', timeoutMs: 2000, tags: ['smoke'], retry: { forMs: 5000, everyMs: 100 }, follow: 0 })
    expect(a?.request.headers).toEqual([
      ['user-agent', 'oidcgw'],
      ['X-Tenant', 'blue'],
      ['accept', 'text/html'],
    ])
    expect(b).toMatchObject({
      as: 'none',
      timeoutMs: 100,
      tags: ['smoke', 'fast'],
      follow: 20,
      request: { method: 'POST', body: { kind: 'json' } },
    })
    expect(b?.request.headers).toContainEqual(['x-tenant', 'red'])
    expect(b?.request.headers).not.toContainEqual(['X-Tenant', 'blue'])
    expect(c?.request).toMatchObject({ method: 'OPTIONS', target: '/c' })
    expect(c?.request.headers).toContainEqual(['access-control-request-headers', 'x-a, x-b'])
    expect(d?.request).toMatchObject({ method: 'DELETE', target: '/d' })
  })

  test('equal names are told apart', async () => {
    const [suite] = await load('cases: [{ get: /a }, { get: /a }]\n')
    expect(suite?.cases.map(({ name }) => name)).toEqual(['GET /a as none', 'GET /a as none (2)'])
  })
})

describe('mistakes are reported with file, line and column, all at once', () => {
  test('several of them, over several suites', async () => {
    expect(
      await problems(`
suites:
  one:
    gateway: locl
    cases:
      - { name: a, gett: /x }
  two:
    cases:
      - { get: /x, as: aliec }
      - { get: /x, expect: { status: 20 } }
`),
    ).toBe(
      [
        'suites.yaml:6:9  suites.one.cases[0]: no request: write get: /path (or post, put, …), method: with path:, curl: or preflight:',
        'suites.yaml:6:20  suites.one.cases[0].gett: unknown field (did you mean "get"?)',
        'suites.yaml:10:38  suites.two.cases[1].expect.status: 20 is no status; write it as 200, 2xx or [200, 204]',
      ].join('\n'),
    )
  })

  test('what only the surroundings know', async () => {
    expect(
      await problems(`
suites:
  one:
    gateway: locl
    as: aliec
    cases: [{ get: "/\${env.NOPE}" }, { get: "/\${captures.x}" }, { get: "/\${profile.issuer}", as: none }, { post: /x, file: nope.bin }]
`),
    ).toBe(
      [
        'suites.yaml:4:14  suites.one.gateway: no gateway named "locl" (did you mean "local"?)',
        'suites.yaml:5:9  suites.one.as: no profile named "aliec" (did you mean "alice"?)',
        'suites.yaml:6:20  suites.one.cases[0].get: the environment variable NOPE is not set',
        'suites.yaml:6:45  suites.one.cases[1].get: nothing before captures "x"',
        'suites.yaml:6:72  suites.one.cases[2].get: ${profile.issuer}: the case runs as nobody, so there is no profile',
        'suites.yaml:6:124  suites.one.cases[3].file: nope.bin cannot be read (ENOENT)',
      ].join('\n'),
    )
  })

  test.for([
    { text: 'cases: []\nfoo: 1', problem: 'suites.yaml:2:1  foo: unknown field' },
    { text: 'gateway: local', problem: 'nothing to run: write cases:, matrix: or import:' },
    { text: 'url: ftp://x\ncases: [{ get: /a }]', problem: '"ftp://x" is no http or https URL' },
    { text: 'cases: [{ get: /a, post: /b }]', problem: 'several requests: get, post' },
    { text: 'cases: [{ method: PURGE }]', problem: 'no request' },
    { text: 'cases: [{ post: /a, json: 1, form: { a: 1 } }]', problem: 'several bodies: json, form' },
    { text: 'cases: [{ get: a }]', problem: '"a" is neither a /path nor an http(s) URL' },
    { text: 'cases: [{ get: /a, expect: { headers: { a: { matchs: x } } } }]', problem: 'did you mean "matches"?' },
    { text: 'cases: [{ get: /a, expect: { headers: { a: { matches: "(" } } } }]', problem: 'no regular expression' },
    { text: 'cases: [{ get: /a, expect: { headers: [] } }]', problem: 'expected a mapping of names to expected values, got a list' },
    { text: 'cases: [{ get: /a, expect: { body: { json: { "$[": 1 } } } }]', problem: 'is no JSONPath (RFC 9535)' },
    { text: 'cases: [{ get: /a, expect: { body: { schema: { type: strin } } } }]', problem: 'no JSON Schema' },
    { text: 'cases: [{ get: /a, expect: { time: { total: soon } } }]', problem: '"soon" is no duration' },
    { text: 'cases: [{ get: /a, capture: { x: { hedder: y } } }]', problem: 'say where from' },
    { text: 'cases: [{ get: /a, capture: { 1x: { header: y } } }]', problem: 'a capture is named like a variable' },
    { text: 'cases: [{ get: /a, present: berer }]', problem: 'did you mean "bearer"?' },
    { text: 'cases: [{ curl: "wget /x" }]', problem: 'no curl command: does not start with curl' },
    { text: 'cases: [{ get: "/${now+soon}" }]', problem: '${now+soon} is not one of' },
    { text: 'cases: [{ get: "/${profile.client.secret}", as: m2m }]', problem: 'a profile shows only' },
    { text: 'matrix: { routes: [/a], as: [none], expect: [[200, 401]] }', problem: '1 identities but 2 cells' },
    { text: 'matrix: { routes: [/a, /b], as: [none], expect: [[200]] }', problem: '2 routes but 1 rows' },
    { text: 'matrix: { routes: [/a], as: [nobody], expect: [[200]] }', problem: 'matrix.as[0]: no profile named "nobody"' },
    { text: 'import: { har: nope.har }', problem: 'import.har: nope.har cannot be read (ENOENT)' },
    { text: 'import: { wsdl: x }', problem: 'say what: { har: FILE }' },
    { text: 'tls: { cert: nope.pem }\ncases: [{ get: /a }]', problem: 'nope.pem cannot be read (ENOENT)' },
    { text: 'tls: { cert: package.json }\ncases: [{ get: /a }]', problem: 'tls.cert: package.json holds no certificate (Expected PEM: ' },
    { text: 'tls: { key: package.json }\ncases: [{ get: /a }]', problem: 'tls.key: package.json holds no private key (Expected PEM: ' },
  ])('$text', async ({ text, problem }) => {
    expect(await problems(text)).toContain(problem)
  })
})

describe('imports', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oidcgw-import-'))

  test('a HAR file: paths on the gateway, recorded statuses, no recorded credentials', async () => {
    const entry = (url: string, status: number) => ({
      request: {
        method: 'GET',
        url,
        headers: [
          { name: 'Authorization', value: 'Bearer old' },
          { name: 'X-Tenant', value: 'blue' },
          { name: ':authority', value: 'x' },
        ],
      },
      response: { status },
    })
    writeFileSync(
      join(folder, 'a.har'),
      JSON.stringify({ log: { entries: [entry('https://api.example/a?b=1#c', 200), entry('https://api.example', 404)] } }),
    )
    const [suite] = await load('import: { har: a.har, as: m2m }', folder)
    expect(suite?.cases).toMatchObject([
      { name: 'GET /a?b=1 as m2m', as: 'm2m', expect: { status: [200] }, where: 'a.har entry 1' },
      { name: 'GET / as m2m', expect: { status: [404] } },
    ])
    expect(suite?.cases[0]?.request.headers.map(([name]) => name)).toEqual(['user-agent', 'accept', 'X-Tenant'])
  })

  test('a file of curl commands', async () => {
    writeFileSync(
      join(folder, 'a.sh'),
      "# first\ncurl -H 'Authorization: Bearer old' \\\n  https://api.example/a\n\ncurl -L -d a=1 https://api.example/b\n",
    )
    const [suite] = await load('import: [{ curl: a.sh, as: m2m, expect: 200 }]', folder)
    expect(suite?.cases).toMatchObject([
      { name: 'GET /a as m2m', where: 'a.sh:2', expect: { status: [200] }, follow: 0 },
      { name: 'POST /b as m2m', where: 'a.sh:5', follow: 20, request: { body: { kind: 'raw', text: 'a=1' } } },
    ])
    expect(suite?.cases[0]?.request.headers.map(([name]) => name)).not.toContain('Authorization')
  })

  test('broken ones are said with their place', async () => {
    writeFileSync(join(folder, 'b.sh'), 'curl -k https://x/\n')
    writeFileSync(join(folder, 'b.har'), '{"log":{"entries":[{}]}}')
    await expect(load('import:\n  - { curl: b.sh }\n  - { har: b.har }', folder)).rejects.toMatchObject({
      message: expect.stringMatching(
        /suites.yaml:2:13 {2}import\[0\].curl: b.sh:1: -k is not taken over.*\n.*:3:12 {2}import\[1\].har: b.har is no HAR file: log.entries.0.request/,
      ),
    })
  })
})
