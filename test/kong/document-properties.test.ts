import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadKongDocument } from '../../src/kong/document.js'
import { lintKong } from '../../src/kong/lint/index.js'
import { FIELD_ROWS } from '../../src/kong/openid-connect/fields.js'
import { describeRoutes } from '../../src/render/gateway-routes.js'

const field = fc.constantFrom(
  ...FIELD_ROWS.map(({ name }) => name).filter((name) => !name.includes('.')),
  '__proto__',
  'constructor',
  'nonsense',
)
const scalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('bearer', '{vault://env/a}', 'https://idp.example', 'off'),
)
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('host', 'port', 'header', 'path', 'issuer'), scalar, { maxKeys: 3 }),
)
const plugin = fc.record({
  name: fc.oneof(
    { weight: 5, arbitrary: fc.constant<unknown>('openid-connect') },
    fc.constantFrom('acl', 'cors', 'request-transformer', 'toString'),
    scalar,
  ),
  config: fc.oneof({ weight: 5, arbitrary: fc.dictionary(field, value, { maxKeys: 6 }) }, scalar),
})
const entity = fc.dictionary(
  fc.constantFrom('name', 'id', 'host', 'url', 'port', 'paths', 'hosts', 'methods', 'protocols', 'tags', 'service'),
  value,
  { maxKeys: 5 },
)
const document = fc.record({
  _format_version: fc.oneof({ weight: 5, arbitrary: fc.constant<unknown>('3.0') }, scalar),
  services: fc.oneof({ weight: 5, arbitrary: fc.array(fc.oneof(entity, scalar), { maxLength: 3 }) }, scalar),
  routes: fc.array(entity, { maxLength: 3 }),
  plugins: fc.array(plugin, { maxLength: 3 }),
  consumers: fc.array(fc.oneof(entity, scalar), { maxLength: 2 }),
  _info: value,
})

test('no document makes reading throw: it loads, or it has an error with a position', () => {
  fc.assert(
    fc.property(document, (content) => {
      const loaded = loadKongDocument([{ file: 'f', text: JSON.stringify(content) }], { env: {} })
      const errors = loaded.issues.filter(({ severity }) => severity === 'error')
      expect(loaded.config === undefined).toBe(errors.length > 0)
      for (const { line, column } of loaded.issues) expect(Number(line) > 0 && Number(column) > 0).toBe(true)
      lintKong(loaded)
      if (loaded.config) describeRoutes(loaded.config)
    }),
    { numRuns: 60 },
  )
})

test('no text makes reading throw', () => {
  const piece = fc.constantFrom(
    '${{',
    '}}',
    ' env ',
    '"DECK_A"',
    '"',
    '|',
    'toInt',
    '(',
    ')',
    '- ',
    '\n',
    '  ',
    'services:',
    '*a',
    '&a ',
    '#',
    '{',
    '[',
    "'",
    '_format_version: "3.0"',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const { config, issues } = loadKongDocument([{ file: 'f', text: pieces.join('') }], { env: { DECK_A: '- a: 1\nb' } })
      expect(config === undefined).toBe(issues.some(({ severity }) => severity === 'error'))
    }),
    { numRuns: 150 },
  )
})
