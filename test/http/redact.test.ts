import { describe, expect, test } from 'vitest'
import { maskKnown, maskToken, redactForm, redactHeader, redactText, redactUrl, secretsOf } from '../../src/http/redact.js'

const JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.${'s'.repeat(40)}`

describe('masking', () => {
  test('a token keeps its first six and last four characters', () => {
    expect(maskToken(JWT)).toMatch(/^eyJhbG…ssss \[sha256:[0-9a-f]{8}\]$/)
  })

  test('a short secret shows nothing of itself', () => {
    expect(maskToken('hunter2')).toMatch(/^\[sha256:[0-9a-f]{8}\]$/)
  })

  test.for([
    { url: 'http://h/cb?code=SECRET&state=SECRET&x=1', shown: 'http://h/cb?code=[masked]&state=[masked]&x=1' },
    { url: 'http://h/cb#access_token=SECRET&x=1', shown: 'http://h/cb#access_token=[masked]&x=1' },
    { url: 'http://user:SECRET@h/', shown: 'http://h/' },
    { url: 'http://h/?%63ode=SECRET', shown: 'http://h/?%63ode=[masked]' },
    {
      url: 'http://h/?to=http%3A%2F%2Fa%2F%3Fcode%3DSECRET%26x%3D1&y=2',
      shown: 'http://h/?to=http%3A%2F%2Fa%2F%3Fcode%3D[masked]%26x%3D1&y=2',
    },
    { url: 'http://h/?to=%2Fcb%23x%3D1%26id_token%3DSECRET', shown: 'http://h/?to=%2Fcb%23x%3D1%26id_token%3D[masked]' },
  ])('$url', ({ url, shown }) => {
    expect(redactUrl(url)).toBe(shown)
  })

  test.for([
    { name: 'Authorization', value: `Bearer ${JWT}`, shown: /^Bearer eyJhbG…/ },
    { name: 'authorization', value: 'Basic c2VjcmV0OnNlY3JldA==', shown: /^Basic \[masked\]$/ },
    { name: 'Cookie', value: 'session=SECRET; theme=dark', shown: /^session=\[masked\]; theme=\[masked\]$/ },
    { name: 'Set-Cookie', value: 'session=SECRET; Path=/; HttpOnly', shown: /^session=\[masked\]; Path=\/; HttpOnly$/ },
    { name: 'Location', value: 'http://h/cb?code=SECRET&iss=i', shown: /code=\[masked\]&iss=i$/ },
    { name: 'X-Anything', value: `seen ${JWT}`, shown: /^seen eyJhbG…/ },
    { name: 'Content-Type', value: 'text/html; charset=utf-8', shown: /^text\/html; charset=utf-8$/ },
  ])('$name: $value', ({ name, value, shown }) => {
    const text = redactHeader(name, value)
    expect(text).toMatch(shown)
    expect(text).not.toContain('SECRET')
    expect(text).not.toContain(JWT)
  })

  test('free text loses tokens and secret parameters, and nothing else', () => {
    expect(redactText(`client_secret=SECRET grant_type=x ${JWT}`)).toMatch(/^client_secret=\[masked\] grant_type=x eyJhbG…/)
    expect(redactForm('grant_type=password&password=SECRET')).toBe('grant_type=password&password=[masked]')
  })
})

describe('credentials in free text', () => {
  const opaque = 'mF_9.B5f-4.1JqM'
  test.for([
    { name: 'an opaque bearer token', text: `got Bearer ${opaque} again`, shown: 'got Bearer [masked] again' },
    { name: 'Basic credentials', text: 'Authorization: Basic ZGVtbzpzZWNyZXQ=', shown: 'Authorization: Basic [masked]' },
    {
      name: 'a member of JSON',
      text: `{"access_token": "${opaque}","x":"y"} trailing`,
      shown: '{"access_token": "[masked]","x":"y"} trailing',
    },
    { name: 'the same inside a string', text: `"{\\"client_secret\\":\\"${opaque}\\"}"`, shown: '"{\\"client_secret\\":\\"[masked]\\"}"' },
    {
      name: 'a form_post page',
      text: `<input type="hidden" name="code" value="${opaque}"/><input type="hidden" name="iss" value="http://h"/>`,
      shown: '<input type="hidden" name="code" value="[masked]"/><input type="hidden" name="iss" value="http://h"/>',
    },
  ])('$name is masked', ({ text, shown }) => {
    expect(redactText(text)).toBe(shown)
  })

  test.for([
    'Bearer realm="orders", error="invalid_token"',
    'Bearer resource_metadata="https://api.example/.well-known/oauth-protected-resource"',
    'Basic authentication failed, bearer token_expired, jwt-bearer token-exchange',
    '{"code":"ERR_USAGE","token_type":"Bearer","state":"open"}',
    '<input type="text" name="username" value="alice"/>',
    '/orders?from=%2Fhome%3Fpage%3D2',
  ])('%s stays', (text) => {
    expect(redactText(text)).toBe(text)
  })
})

describe('what a request sent is known', () => {
  const url = new URL('http://h/token?state=state-of-8+')
  const basic = `Basic ${Buffer.from('demo:p%40ssw0rd-long').toString('base64')}`

  test('credentials and secret parameters of query and form, as they were written and as they mean', () => {
    const known = secretsOf({ url, headers: { Authorization: basic }, body: 'grant_type=password&code=a+code%2B1&scope=openid' })
    expect(known).toEqual(
      expect.arrayContaining([basic.slice(6), 'p%40ssw0rd-long', 'p@ssw0rd-long', 'state-of-8 ', 'a code+1', 'a%20code%2B1']) as string[],
    )
    for (const public_ of ['password', 'openid', 'demo']) expect(known).not.toContain(public_)
  })

  test('is taken out of an answer; the longer value first, and no short one', () => {
    const mask = maskKnown(['secret-1', 'secret-1-and-more', 'short'])
    expect(mask('Invalid: secret-1-and-more, secret-1, short')).toBe('Invalid: [masked], [masked], short')
  })
})
