import { describe, expect, test } from 'vitest'
import { fillDeep, fillText, templateReferences, type TemplateScope } from '../../src/probe/template.js'

const scope: TemplateScope = {
  env: { HOST: 'h' },
  captures: { id: 42, list: [1] },
  profile: { issuer: 'https://idp' },
  gatewayUrl: 'http://gw',
  now: () => new Date('2026-01-02T03:04:05.678Z'),
  uuid: () => 'u-1',
}

describe('templates', () => {
  test.for([
    { text: 'plain', value: 'plain' },
    { text: '${env.HOST}/${captures.id}', value: 'h/42' },
    { text: '${captures.id}', value: 42 },
    { text: '[${captures.list}]', value: '[[1]]' },
    { text: '${profile.issuer} ${gateway.url} ${uuid}', value: 'https://idp http://gw u-1' },
    { text: '${now}', value: '2026-01-02T03:04:05.678Z' },
    { text: '${now+1h}', value: '2026-01-02T04:04:05.678Z' },
    { text: '${now-5s:unix}', value: 1767323040 },
    { text: '${now:ms}', value: 1767323045678 },
    { text: '${now:http}', value: 'Fri, 02 Jan 2026 03:04:05 GMT' },
    { text: 'a $${env.HOST}', value: 'a ${env.HOST}' },
  ])('$text → $value', ({ text, value }) => {
    expect(fillText(text, scope)).toEqual(value)
  })

  test('inside values, and nothing else is touched', () => {
    const find = () => 1
    expect(fillDeep({ a: ['${env.HOST}'], b: { find }, c: null, d: 1 }, scope)).toEqual({ a: ['h'], b: { find }, c: null, d: 1 })
  })

  test.for(['${envHOST}', '${env.}', '${now+soon}', '${profile.client.secret}', '${}'])('%s is refused', (text) => {
    expect(templateReferences(text)).toMatchObject([{ kind: 'unknown' }])
  })
})
