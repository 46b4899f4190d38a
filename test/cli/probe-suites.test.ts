import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deadUrl, serve } from '../probe/serve.js'
import { cli } from '../support/memory-host.js'

/** A provider and a gateway in one server, as far as exit codes need them: tokens for `m2m`, `/open` for anybody, `/orders` for the token. */
async function stage({ refuse = false, hole = false, lockedOut = false } = {}) {
  const { url } = await serve((request, response) => {
    const json = (status: number, body: unknown, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    const issuer = `http://${request.headers.host}`
    switch (request.url?.split('?')[0]) {
      case '/.well-known/openid-configuration':
        return json(200, {
          issuer,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          authorization_endpoint: `${issuer}/auth`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        })
      case '/token':
        return refuse
          ? json(401, { error: 'invalid_client' })
          : json(200, { access_token: 'a-good-opaque-token', token_type: 'Bearer', expires_in: 300 })
      case '/open':
        return json(200, { headers: request.headers })
      default: {
        const good = request.headers.authorization === 'Bearer a-good-opaque-token' && !lockedOut
        return good || hole
          ? json(200, { headers: request.headers })
          : json(401, { message: 'Unauthorized' }, { 'www-authenticate': 'Bearer realm="x"' })
      }
    }
  })
  return url
}

const CASES = `
    cases:
      - { name: closed, get: /orders, as: none, expect: 401 }
      - { name: open, get: /orders, as: m2m, expect: 200 }
`

function project(url: string, { issuer = url, cases = CASES, profile = '' } = {}): string {
  const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-suites-'))
  const m2m = `{ issuer: "${issuer}", client: { id: m2m, secret: "env:SECRET" }${profile} }`
  writeFileSync(join(cwd, 'oidcgw.yaml'), `profiles:\n  m2m: ${m2m}\ngateways: { local: { url: "${url}" } }\nsuites:\n  smoke:${cases}`)
  return cwd
}

const run = (cwd: string, ...argv: string[]) => cli(['probe', '--no-store', ...argv], { cwd, env: { SECRET: 's3cret', HOME: cwd } })

describe('what was found is shown without the credential', () => {
  const wanted = (where: string, matcher = 'another') => `
    cases:
      - { name: sent, get: /orders, as: m2m, expect: { status: 200, body: { json: { "${where}": ${matcher} } } } }
`
  test.for([
    { name: 'a failing assertion on a body', cases: wanted('$.headers.authorization'), exitCode: 1 },
    { name: 'one on everything', cases: wanted('$'), exitCode: 1 },
    { name: 'one that holds', cases: wanted('$.headers.authorization', '{ present: true }'), exitCode: 0 },
  ])('$name', async ({ cases, exitCode }) => {
    const result = await run(project(await stage(), { cases }), 'smoke', '--json')
    expect(result.exitCode, result.stdout + result.stderr).toBe(exitCode)
    expect(result.stdout).toMatch(/"actual": "[^\n]*\[masked\]/)
    expect(result.stdout).not.toContain('a-good-opaque-token')
  })
})

describe('exit codes', () => {
  test('0: every assertion held', async () => {
    const { exitCode, stdout } = await run(project(await stage()))
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^smoke\n {2}✓ closed 401 · .* ms\n {2}✓ open 200 · .* as m2m\n\n2 passed in /)
  })

  test('1: an assertion failed', async () => {
    const { exitCode, stdout } = await run(project(await stage({ hole: true })))
    expect(exitCode).toBe(1)
    expect(stdout).toContain('  ✗ closed 200 · ')
    expect(stdout).toContain('      status: expected 401, got 200\n      oidcgw.yaml:7:9\n')
  })

  test('2: a mistake in the suite, and nothing was sent', async () => {
    let asked = 0
    const { url } = await serve((_, response) => void (asked++, response.end()))
    const result = await run(project(url, { cases: '\n    cases: [{ get: /a, expct: 200 }]\n' }))
    expect(result).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'oidcgw: oidcgw.yaml:6:24  suites.smoke.cases[0].expct: unknown field (did you mean "expect"?)\n',
    })
    expect(asked).toBe(0)
  })

  test('3: the provider refused the login', async () => {
    const { exitCode, stdout } = await run(project(await stage({ refuse: true })))
    expect(exitCode).toBe(3)
    expect(stdout).toContain('  ? open as m2m\n')
    expect(stdout).toContain('ERR_CLIENT_REFUSED: 1')
  })

  test('4: the provider is down', async () => {
    expect(await run(project(await stage(), { issuer: await deadUrl() }))).toMatchObject({ exitCode: 4 })
  })

  test('5: the good credential was refused as well, so refusals prove nothing', async () => {
    const { exitCode, stdout } = await run(project(await stage({ lockedOut: true })))
    expect(exitCode).toBe(5)
    expect(stdout).toContain('      refused, but so was the good credential\n')
    expect(stdout).toContain('      positive control: status: expected 200, got 401\n')
    expect(stdout).toContain('smoke is inconclusive: "open" was not let in: status: expected 200, got 401\n')
  })

  test('5: nothing was run', async () => {
    expect(await run(project(await stage()), '--only', 'nowhere')).toMatchObject({
      exitCode: 5,
      stdout: expect.stringContaining('no case was run'),
    })
  })

  test('6: somebody would have to sign in', async () => {
    expect(await run(project(await stage(), { profile: ', grant: authorization_code' }), '--no-input')).toMatchObject({ exitCode: 6 })
  })

  test('1, not 4: a hole is not hidden behind an unreachable host', async () => {
    const cases = `${CASES}      - { name: lost, get: "${await deadUrl()}/x", expect: 200 }\n`
    const { exitCode, stdout } = await run(project(await stage({ hole: true }), { cases }))
    expect(exitCode).toBe(1)
    expect(stdout).toContain('nothing listens there')
  })

  test('4: only an unreachable host', async () => {
    const cases = `${CASES}      - { name: lost, get: "${await deadUrl()}/x", expect: 200 }\n`
    expect(await run(project(await stage(), { cases }))).toMatchObject({ exitCode: 4 })
  })

  test('130: interrupted', async () => {
    const controller = new AbortController()
    const { url } = await serve(() => controller.abort())
    const cwd = project(url)
    expect(await cli(['probe'], { cwd, signal: controller.signal, env: { SECRET: 'x' } })).toMatchObject({ exitCode: 130 })
  })
})

describe('which cases run', () => {
  test.for([
    { argv: ['--only', 'clos'], names: ['closed'] },
    { argv: ['--only', '/^smoke › o/'], names: ['open'] },
    { argv: ['--skip', 'open'], names: ['closed'] },
    { argv: ['smoke'], names: ['closed', 'open'] },
  ])('$argv', async ({ argv, names }) => {
    const { stdout } = await run(project(await stage()), ...argv, '-o', 'jsonl')
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { schema: string; name?: string })
    expect(lines.flatMap(({ name }) => name ?? [])).toEqual(names)
    expect(lines.at(-1)?.schema).toBe('oidcgw/probe-summary/v1')
  })

  test('a suite file of its own uses the profiles and gateways of the project', async () => {
    const cwd = project(await stage())
    writeFileSync(join(cwd, 'own.yaml'), 'cases: [{ get: /orders, as: m2m, expect: 200 }]\n')
    expect(await run(cwd, 'own.yaml')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^own\n/) })
  })

  test('--bail stops, and says what was not run', async () => {
    const cases = '\n    cases: [{ get: /open, expect: 404 }, { get: /open, expect: 200 }]\n'
    const { stdout, exitCode } = await run(project(await stage(), { cases }), '--bail')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('stopped after 1 failures (--bail)')
  })

  test('--repeat reports latencies and what came', async () => {
    const { stdout } = await run(project(await stage()), '--repeat', '5', '--jobs', '3')
    expect(stdout).toMatch(/smoke › closed: 5 answers, p50 .* ms, p90 .* ms, p99 .* ms, max .* ms\n {2}401: 5\n/)
  })
})

describe('the baseline', () => {
  const baseline = (cwd: string, ...known: string[]) =>
    writeFileSync(join(cwd, 'known.yaml'), `known:\n${known.map((id) => `  - { case: "${id}", because: ticket 7 }\n`).join('')}`)

  test('a known failure does not fail the run', async () => {
    const cwd = project(await stage({ hole: true }))
    baseline(cwd, 'smoke › closed')
    const { exitCode, stdout } = await run(cwd, '--baseline', 'known.yaml')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('known to fail (ticket 7): status: expected 401, got 200')
  })

  test('one that no longer fails, or is no case, does', async () => {
    const cwd = project(await stage())
    baseline(cwd, 'smoke › closed', 'smoke › gone')
    const { exitCode, stdout } = await run(cwd, '--baseline', 'known.yaml')
    expect(exitCode).toBe(1)
    expect(stdout).toContain('stale baseline entry: "smoke › closed" no longer fails')
    expect(stdout).toContain('stale baseline entry: "smoke › gone"')
  })

  test('one that was not asked is left alone', async () => {
    const cwd = project(await stage())
    baseline(cwd, 'smoke › closed')
    expect(await run(cwd, '--baseline', 'known.yaml', '--only', 'open')).toMatchObject({ exitCode: 0 })
  })
})

describe('reports', () => {
  test('any number at once; files are written whole', async () => {
    const cwd = project(await stage())
    const { exitCode, stdout } = await run(
      cwd,
      '--report',
      'junit:a.xml',
      '--report',
      'html:a.html',
      '--report',
      'json:a.json',
      '--report',
      'tap',
    )
    expect(exitCode).toBe(0)
    expect(stdout).toBe('TAP version 14\n1..2\nok 1 - smoke › closed\nok 2 - smoke › open\n# 2 passed\n')
    expect(readFileSync(join(cwd, 'a.xml'), 'utf8')).toContain('<testsuites name="oidcgw probe" tests="2" failures="0"')
    expect(readFileSync(join(cwd, 'a.html'), 'utf8')).toContain('Every assertion held')
    expect(JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8'))).toMatchObject({ schema: 'oidcgw/probe-report/v1', counts: { pass: 2 } })
  })

  test('no report shows the credential', async () => {
    const cwd = project(await stage({ hole: true }))
    const formats = ['json', 'jsonl', 'junit', 'tap', 'markdown', 'github', 'html']
    const { stdout } = await run(cwd, ...formats.flatMap((format) => ['--report', `${format}:r.${format}`]))
    for (const text of [stdout, ...formats.map((format) => readFileSync(join(cwd, `r.${format}`), 'utf8'))]) {
      expect(text).not.toContain('a-good-opaque-token')
      expect(text).not.toContain('s3cret')
    }
  })

  test('GitHub: annotations at the line of the suite, and the job summary', async () => {
    const cwd = project(await stage({ hole: true }))
    const summary = join(cwd, 'summary.md')
    const { stdout } = await cli(['probe', '--no-store', '--report', 'github'], {
      cwd,
      env: { SECRET: 'x', HOME: cwd, GITHUB_STEP_SUMMARY: summary },
    })
    expect(stdout).toContain('::error file=oidcgw.yaml,line=7,col=9,title=smoke › closed::status: expected 401, got 200\n')
    expect(readFileSync(summary, 'utf8')).toContain('| `GET /orders` | ✗ **200** (expected 401) | ✓ 200 |')
  })
})

describe('asked wrongly', () => {
  test.for([
    { argv: ['smok'], stderr: 'no suite named "smok"\n  hint: Did you mean "smoke"?' },
    { argv: ['nope.yaml'], stderr: 'nope.yaml cannot be read (ENOENT)' },
    { argv: ['--report', 'pdf'], stderr: '--report: "pdf" is no FORMAT[:PATH]' },
    { argv: ['--report', 'tap', '--json'], stderr: 'several reports for stdout: tap, json' },
    { argv: ['--report', 'junit:/nowhere/x.xml'], stderr: 'cannot be written (ENOENT)' },
    { argv: ['--jobs', '0'], stderr: "option '--jobs <n>' argument '0' is invalid" },
    { argv: ['--expect', '200'], stderr: '--expect: it is for one request' },
    { argv: ['/x', '--jobs', '2'], stderr: '--jobs: it is for suites' },
    { argv: ['/x', '/y'], stderr: 'probe: one URL at a time' },
    { argv: ['--baseline', 'nope.yaml'], stderr: 'nope.yaml cannot be read (ENOENT)' },
    { argv: ['--only', '/(/'], stderr: '/(/ is no regular expression' },
    { argv: ['--gateway', 'prod'], stderr: 'no gateway named "prod"' },
  ])('$argv', async ({ argv, stderr }) => {
    const result = await run(project('http://127.0.0.1:1'), ...argv)
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toContain(stderr)
  })

  test('without a project there is nothing to probe', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-empty-'))
    expect(await cli(['probe'], { cwd, env: { HOME: cwd } })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('nothing to probe'),
    })
  })
})
