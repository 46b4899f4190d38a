import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deadUrl, serve } from '../probe/serve.js'
import { cli } from '../support/memory-host.js'

/** A stand-in for a gateway: `demo:secret` as Basic is let in, everybody else gets a challenge. */
const gateway = () =>
  serve((request, response) => {
    const allowed = request.headers.authorization === `Basic ${Buffer.from('demo:secret-secret').toString('base64')}`
    if (request.url?.startsWith('/open') || allowed) {
      response.writeHead(200, { 'content-type': 'application/json', 'x-route': 'open' })
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }))
    } else {
      response.writeHead(401, {
        'www-authenticate': 'Bearer realm="idp.example", error="invalid_token"',
        'x-oidcgw-reason': 'token_expired',
      })
      response.end('{"message":"Unauthorized"}')
    }
  })

const folder = () => mkdtempSync(join(tmpdir(), 'oidcgw-probe-'))

function project(url: string, more = ''): string {
  const cwd = folder()
  writeFileSync(join(cwd, 'oidcgw.yaml'), `gateways: { local: { url: "${url}" } }\n${more}`)
  return cwd
}

describe('probe URL', () => {
  test('shows status, reason, parsed challenge; any answer is a yes when nothing was expected', async () => {
    const { url } = await gateway()
    const { exitCode, stdout, stderr } = await cli(['probe', `${url}/closed`])
    expect(exitCode).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^401 Unauthorized\n/)
    expect(stdout).toContain('  reason: token_expired\n')
    expect(stdout).toContain('  challenge: Bearer  realm=idp.example  error=invalid_token\n')
  })

  test('shows what the upstream received, credentials masked', async () => {
    const { url } = await gateway()
    const { stdout } = await cli(['probe', `${url}/open`, '-H', 'X-Tenant: blue', '-H', 'Authorization: Bearer opaque-but-secret'])
    expect(stdout).toContain('The upstream received GET /open:\n')
    expect(stdout).toContain('  x-tenant: blue\n')
    expect(stdout).not.toContain('opaque-but-secret')
  })

  test('a challenge that repeats the token does not show it, as text or as JSON', async () => {
    const { url } = await serve((request, response) => {
      const token = request.headers.authorization?.split(' ')[1]
      response.writeHead(401, { 'www-authenticate': `Bearer error="invalid_token", error_description="unknown: ${token}"` }).end()
    })
    for (const more of [[], ['--json'], ['-vv']]) {
      const { stdout, stderr } = await cli(['probe', url, '-H', 'Authorization: Bearer opaque-but-secret', ...more])
      expect(stdout).toContain('unknown: [masked]')
      expect(stdout + stderr).not.toContain('opaque-but-secret')
    }
  })

  test.for([
    { expected: '401', exitCode: 0 },
    { expected: '200', exitCode: 1 },
    { expected: '401,403', exitCode: 0 },
    { expected: '4xx', exitCode: 0 },
    { expected: '2xx,3xx', exitCode: 1 },
  ])('--expect $expected of a 401 exits $exitCode', async ({ expected, exitCode }) => {
    const { url } = await gateway()
    const result = await cli(['probe', `${url}/closed`, '--expect', expected])
    expect(result.exitCode).toBe(exitCode)
    expect(result.stderr).toBe(exitCode === 0 ? '' : `oidcgw: status: expected ${expected.replace(',', ' or ')}, got 401\n`)
  })

  test.for([
    { expected: 'x-route=open', exitCode: 0, stderr: '' },
    { expected: 'x-route=shut', exitCode: 1, stderr: 'oidcgw: header x-route: expected "shut", got "open"\n' },
    { expected: 'x-missing=1', exitCode: 1, stderr: 'oidcgw: header x-missing: expected "1", got nothing\n' },
  ])('--expect-header $expected exits $exitCode', async ({ expected, exitCode, stderr }) => {
    const { url } = await gateway()
    expect(await cli(['probe', `${url}/open`, '--expect-header', expected])).toMatchObject({ exitCode, stderr })
  })

  test('a bare URL means probe, and its path is sent as written', async () => {
    const { url } = await gateway()
    const { stdout } = await cli([`${url}/open/../a//b`, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'oidcgw/probe-answer/v1',
      upstream: { url: '/open/../a//b' },
      exchange: { status: 200 },
    })
  })

  test('--data makes a POST with a fitting type; @FILE and - read it', async () => {
    const { url } = await gateway()
    const cwd = folder()
    writeFileSync(join(cwd, 'body.json'), '{"a":1}')
    for (const [data, type, stdin] of [
      ['a=1', 'application/x-www-form-urlencoded'],
      ['@body.json', 'application/json'],
      ['-', 'application/json', '[1]'],
    ] as const) {
      const { stdout } = await cli(['probe', `${url}/open`, '-d', data, '--json'], { cwd, ...(stdin && { stdin }) })
      expect(JSON.parse(stdout)).toMatchObject({ upstream: { method: 'POST', headers: { 'content-type': type } } })
    }
  })
})

describe('probe /path', () => {
  test('goes to the only gateway of the project, as a user with Basic', async () => {
    const { url } = await gateway()
    const argv = ['probe', '/closed', '--as', 'basic:demo:env:DEMO_SECRET', '--expect', '200']
    expect(await cli(argv, { cwd: project(url), env: { DEMO_SECRET: 'secret-secret' } })).toMatchObject({ exitCode: 0 })
    expect(await cli(argv, { cwd: project(url), env: { DEMO_SECRET: 'wrong-wrong' } })).toMatchObject({ exitCode: 1 })
  })

  test('basic:PROFILE presents the client’s own id and secret', async () => {
    const { url } = await gateway()
    const cwd = project(url, 'profiles: { m2m: { issuer: "http://127.0.0.1:1", client: { id: demo, secret: "env:DEMO_SECRET" } } }\n')
    const env = { DEMO_SECRET: 'secret-secret' }
    const { exitCode, stdout } = await cli(['probe', '/closed', '--as', 'basic:m2m', '--expect', '200', '-v'], { cwd, env })
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain(Buffer.from('demo:secret-secret').toString('base64'))
  })

  test('OIDCGW_GATEWAY_URL names the gateway, with a prefix', async () => {
    const { url } = await gateway()
    const { stdout } = await cli(['probe', '/a', '--json'], { cwd: folder(), env: { OIDCGW_GATEWAY_URL: `${url}/open/` } })
    expect(JSON.parse(stdout)).toMatchObject({ upstream: { url: '/open/a' } })
  })

  test('--wait-config waits for the hash', async () => {
    const { url } = await gateway()
    let asked = 0
    const admin = await serve((request, response) => void response.end(JSON.stringify({ configuration_hash: ++asked > 1 ? 'new' : 'old' })))
    const argv = ['probe', `${url}/open`, '--admin', admin.url, '--timeout', '500ms', '--wait-config']
    expect(await cli([...argv, 'new'])).toMatchObject({ exitCode: 0 })
    expect(asked).toBe(2)
    expect(await cli([...argv, 'other'])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('configuration_hash: expected other, got new'),
    })
  })
})

describe('asked wrongly: one line, a hint, the right exit code', () => {
  test.for([
    { argv: ['probe'], exitCode: 2, stderr: 'nothing to probe' },
    { argv: ['probe', 'ftp://x/'], exitCode: 2, stderr: 'is no http or https URL' },
    { argv: ['probe', 'http://u:p@127.0.0.1/'], exitCode: 2, stderr: 'credentials do not belong into a URL' },
    { argv: ['probe', '/x'], exitCode: 2, stderr: 'a /path needs a gateway' },
    { argv: ['probe', '/x', '--gateway', 'prod'], exitCode: 2, stderr: 'no gateway named "prod"' },
    { argv: ['probe', 'http://127.0.0.1:1/', '--expect', '20'], exitCode: 2, stderr: '"20" is no status' },
    { argv: ['probe', 'http://127.0.0.1:1/', '-H', 'broken'], exitCode: 2, stderr: 'is no header' },
    { argv: ['probe', 'http://127.0.0.1:1/', '--expect-header', 'x'], exitCode: 2, stderr: 'is no name=value' },
    { argv: ['probe', 'http://127.0.0.1:1/', '-d', '@nope'], exitCode: 2, stderr: 'nope cannot be read (ENOENT)' },
    { argv: ['probe', 'http://127.0.0.1:1/', '--ca-file', 'nope'], exitCode: 2, stderr: 'nope cannot be read (ENOENT)' },
    { argv: ['probe', 'http://127.0.0.1:1/', '--resolve', 'x'], exitCode: 2, stderr: 'is no host:port:address' },
    { argv: ['probe', 'http://127.0.0.1:1/a b'], exitCode: 2, stderr: 'which no request line may hold' },
    { argv: ['probe', 'http://127.0.0.1:1/', '--as', 'ghost'], exitCode: 2, stderr: 'no profile named "ghost"' },
    { argv: ['probe', 'http://127.0.0.1:1/', '--as', 'basic:u:literal'], exitCode: 2, stderr: 'a literal secret is not accepted' },
    { argv: ['probe', 'http://127.0.0.1:1/', '--wait-config', 'x'], exitCode: 2, stderr: '--wait-config needs the Admin API' },
    {
      argv: ['probe', 'http://192.0.2.1/', '-H', 'Authorization: Bearer x'],
      exitCode: 2,
      stderr: 'would go to http://192.0.2.1 unencrypted',
    },
  ])('$argv', async ({ argv, exitCode, stderr }) => {
    const result = await cli(argv, { cwd: folder(), env: { HOME: '/nonexistent' } })
    expect(result).toMatchObject({ exitCode, stdout: '' })
    expect(result.stderr).toContain(stderr)
    expect(result.stderr).not.toMatch(/\n\s+at /)
  })

  test('nothing listens: exit 4', async () => {
    const url = await deadUrl()
    expect(await cli(['probe', url, '--expect', '200'])).toMatchObject({
      exitCode: 4,
      stderr: `oidcgw: cannot reach ${url}: nothing listens there\n  hint: Check the address and that the server runs\n`,
    })
  })
})
