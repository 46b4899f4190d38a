import { describe, expect, test } from 'vitest'
import { renderCoreError } from '../../src/gateway/core-error.js'

describe('core errors (section 8.4)', () => {
  test.for([
    { accept: undefined, type: 'application/json' },
    { accept: '*/*', type: 'application/json' },
    { accept: 'text/html,application/xhtml+xml', type: 'text/html' },
    { accept: 'text/plain', type: 'text/plain' },
    { accept: 'application/xml;q=0.9, text/html;q=0.1', type: 'application/xml' },
    { accept: 'text/html;q=0, */*', type: 'application/json' },
    { accept: 'image/png', type: 'application/json' },
    { accept: 'application/*', type: 'application/json' },
  ])('Accept: $accept → $type', ({ accept, type }) => {
    expect(renderCoreError('m', 'id', accept).contentType).toBe(`${type}; charset=utf-8`)
  })

  test('the JSON body has four lines', () => {
    expect(renderCoreError('no Route matched with those values', 'ab', undefined).body).toBe(
      '{\n  "message":"no Route matched with those values",\n  "request_id":"ab"\n}',
    )
  })

  test('markup is escaped', () => {
    for (const accept of ['text/html', 'application/xml']) expect(renderCoreError('<script>&', 'id', accept).body).not.toContain('<script>')
  })
})
