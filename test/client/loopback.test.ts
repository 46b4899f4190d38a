import { request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLoopback, type LoopbackOptions } from '../../src/client/loopback.js'

const signal = new AbortController().signal

async function listening(options?: LoopbackOptions) {
  const loopback = await startLoopback(options)
  onTestFinished(loopback.close)
  return loopback
}

/** A request with exactly these headers; fetch would correct some. */
function send(
  url: URL,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
      .on('error', reject)
      .end(body)
  })
}

describe('the loopback listener (RFC 8252 §7.3)', () => {
  test('gives the parameters of one redirect and shows a page that echoes nothing', async () => {
    const { redirectUri, wait } = await listening()
    expect(redirectUri.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    const url = new URL(`${redirectUri.href}?code=abc&state=<script>alert(1)</script>`)
    const answer = send(url)
    const redirect = await wait({ signal })
    expect(Object.fromEntries(redirect.parameters)).toEqual({ code: 'abc', state: '<script>alert(1)</script>' })
    await redirect.answer('success')
    const { status, headers, text } = await answer
    expect(status).toBe(200)
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', connection: 'close' })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(text).not.toMatch(/abc|script|alert/)
    expect(text).toContain('prefers-color-scheme:dark')
  })

  test.for([
    { name: 'another path', path: '/callback2', status: 404 },
    { name: 'the path with a slash', path: '/callback/', status: 404 },
    { name: 'the path in other letters', path: '/Callback', status: 404 },
    { name: 'another Host (DNS rebinding)', path: '/callback', headers: { host: 'evil.example' }, status: 421 },
    { name: 'another port in Host', path: '/callback', headers: { host: '127.0.0.1:1' }, status: 421 },
    { name: 'localhost where 127.0.0.1 was said', path: '/callback', headers: { host: 'localhost' }, status: 421 },
    { name: 'another method', path: '/callback', method: 'PUT', status: 405 },
    { name: 'a POST of JSON', path: '/callback', method: 'POST', headers: { 'content-type': 'application/json' }, status: 415 },
    { name: 'the icon', path: '/favicon.ico', status: 404 },
  ])('$name gets $status and the listener goes on waiting', async ({ path, status, ...options }) => {
    const { redirectUri, wait } = await listening()
    expect(await send(new URL(`${path}?code=evil`, redirectUri), options)).toMatchObject({ status })
    const answer = send(new URL('?code=good', redirectUri))
    const redirect = await wait({ signal })
    expect(redirect.parameters.get('code')).toBe('good')
    await redirect.answer('failure')
    expect(await answer).toMatchObject({ status: 400 })
  })

  test('takes one redirect only', async () => {
    const { redirectUri, wait } = await listening()
    const first = send(new URL('?code=1', redirectUri))
    const redirect = await wait({ signal })
    expect(await send(new URL('?code=2', redirectUri))).toMatchObject({ status: 410 })
    await redirect.answer('success')
    await first
    expect(redirect.parameters.get('code')).toBe('1')
  })

  test('takes a form_post', async () => {
    const { redirectUri, wait } = await listening({ path: '/cb' })
    const answer = send(redirectUri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'code=1&state=2',
    })
    const redirect = await wait({ signal })
    expect(Object.fromEntries(redirect.parameters)).toEqual({ code: '1', state: '2' })
    await redirect.answer('success')
    await answer
  })

  test('a form that does not end is refused', async () => {
    const { redirectUri } = await listening()
    const body = `a=${'x'.repeat(70_000)}`
    const options = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }
    await expect(
      send(redirectUri, options).then(
        ({ status }) => status,
        () => 'closed',
      ),
    ).resolves.toSatisfy((seen) => seen === 415 || seen === 'closed')
  })

  test('closing ends open connections, and closing again does nothing', async () => {
    const { redirectUri, close, wait } = await listening()
    const answer = send(new URL('?code=1', redirectUri)).catch((error: Error) => error.message)
    await wait({ signal })
    await close()
    await close()
    expect(await answer).toBe('socket hang up')
  })

  test('binds 127.0.0.1 for localhost and spells the redirect URI as asked', async () => {
    const { redirectUri } = await listening({ host: 'localhost', path: '/' })
    expect(redirectUri.href).toMatch(/^http:\/\/localhost:\d+\/$/)
  })
})
