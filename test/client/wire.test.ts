import { describe, expect, test } from 'vitest'
import { traceWire } from '../../src/client/wire.js'
import type { HttpRequest } from '../../src/host.js'

const SECRET = 'mF_9.B5f-4.1JqM'

/** What `-vv` says of one exchange. */
async function told(asked: Partial<HttpRequest>, type: string, body: string, headers = {}): Promise<string> {
  const lines: string[] = []
  const answer = { status: 400, headers: { 'content-type': type, ...headers }, body: Buffer.from(body), durationMs: 1 }
  const request = traceWire(
    async () => answer,
    (line) => void lines.push(line),
  )
  expect(await request({ method: 'POST', url: new URL('http://h/token'), ...asked })).toBe(answer)
  return lines.join('\n')
}

describe('the wire at -vv', () => {
  test.for([
    { name: 'JSON', type: 'application/json', body: `{"access_token":"${SECRET}","nested":{"refresh_token":"${SECRET}"}}` },
    { name: 'JSON that does not parse', type: 'application/json', body: `{"access_token":"${SECRET}"} trailing` },
    { name: 'a form', type: 'application/x-www-form-urlencoded', body: `access_token=${SECRET}&scope=x` },
    { name: 'a form_post page', type: 'text/html', body: `<form><input type="hidden" name="code" value="${SECRET}"/></form>` },
  ])('masks an answer in $name', async ({ type, body }) => {
    const text = await told({}, type, body)
    expect(text).not.toContain(SECRET)
    expect(text).toContain('[masked]')
  })

  test.for([
    { name: 'a refresh token', asked: { body: `grant_type=refresh_token&refresh_token=${SECRET}` } },
    { name: 'a bearer token', asked: { headers: { authorization: `Bearer ${SECRET}` } } },
    { name: 'a client secret', asked: { headers: { Authorization: `Basic ${Buffer.from(`demo:${SECRET}`).toString('base64')}` } } },
    { name: 'a code in the query', asked: { url: new URL(`http://h/token?code=${SECRET}`) } },
  ])('masks $name that the provider repeats', async ({ asked }) => {
    const said = { error: 'invalid_grant', error_description: `Invalid value: ${SECRET}` }
    const text = await told(asked, 'application/json', JSON.stringify(said), { 'www-authenticate': `Bearer error_description="${SECRET}"` })
    expect(text).not.toContain(SECRET)
    expect(text).toContain('"error_description":"Invalid value: [masked]"')
  })

  test('says what is no secret as it is', async () => {
    const text = await told({ body: 'grant_type=client_credentials&scope=openid' }, 'application/json', '{"error":"invalid_scope"}')
    expect(text).toContain('> grant_type=client_credentials&scope=openid')
    expect(text).toContain('{"error":"invalid_scope"}')
  })
})
