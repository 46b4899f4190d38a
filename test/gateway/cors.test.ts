import { describe, expect, test } from 'vitest'
import { start } from './identified.js'

const CORS = {
  origins: null,
  headers: null,
  exposed_headers: null,
  methods: ['GET', 'POST'],
  max_age: null,
  credentials: false,
  private_network: false,
  preflight_continue: false,
  allow_origin_absent: true,
}

describe('cors', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { origin: 'https://app.test', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-a' },
  }
  test('answers a preflight before authentication, and only a preflight', async () => {
    const { get, echo } = await start({
      plugins: [
        { name: 'identify', config: { refuse: true } },
        { name: 'cors', config: CORS },
      ],
    })
    const answer = await get('/get', preflight)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-a',
    })
    expect((await get('/get', { method: 'OPTIONS', headers: { origin: 'https://app.test' } })).status).toBe(401)
    expect((await get('/get', { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } })).status).toBe(401)
    expect(echo.received).toHaveLength(0)
  })

  test('preflight_continue leaves it to the others', async () => {
    const { get } = await start({
      plugins: [
        { name: 'identify', config: { refuse: true } },
        { name: 'cors', config: { ...CORS, preflight_continue: true } },
      ],
    })
    expect((await get('/get', preflight)).status).toBe(401)
  })

  test('names the origin on every answer, refusals too', async () => {
    const config = { ...CORS, origins: ['https://app.test', 'https://.*\\.example\\.org'], credentials: true, exposed_headers: ['x-b'] }
    const { get } = await start({
      plugins: [
        { name: 'identify', config: { refuse: true } },
        { name: 'cors', config },
      ],
    })
    const allow = async (origin: string) => (await get('/get', { headers: { origin } })).headers
    const allowed = await allow('https://app.test')
    expect(Object.fromEntries(allowed)).toMatchObject({
      'access-control-allow-origin': 'https://app.test',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-b',
      vary: 'Origin',
    })
    expect((await allow('https://a.example.org')).get('access-control-allow-origin')).toBe('https://a.example.org')
    for (const other of ['https://evil.test', 'https://app.test.evil', 'https://a.example.org.evil', 'null']) {
      expect((await allow(other)).get('access-control-allow-origin')).toBeNull()
    }
  })

  test('any origin with credentials is named, never a star', async () => {
    const { get } = await start({ plugins: [{ name: 'cors', config: { ...CORS, origins: ['*'], credentials: true } }] })
    expect((await get('/get', { headers: { origin: 'https://a.test' } })).headers.get('access-control-allow-origin')).toBe('https://a.test')
  })

  test('a preflight of a foreign origin is not allowed anything', async () => {
    const { get } = await start({ plugins: [{ name: 'cors', config: { ...CORS, origins: ['https://other.test'], max_age: 5 } }] })
    const answer = await get('/get', preflight)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(answer.headers.get('access-control-allow-methods')).toBeNull()
  })
})
