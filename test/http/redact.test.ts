import { describe, expect, test } from 'vitest'
import { maskToken, redactForm, redactHeader, redactText, redactUrl } from '../../src/http/redact.js'

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
