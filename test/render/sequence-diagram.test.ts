import { XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { toSvg } from '../../src/render/sequence-diagram-svg.js'
import { diagramRows, toMermaid } from '../../src/render/sequence-diagram.js'
import type { CallStep, TraceStep } from '../../src/trace/trace.js'

const call = (step: Partial<CallStep> & Pick<CallStep, 'from' | 'to' | 'what'>): CallStep => ({
  kind: 'call',
  purpose: 'request',
  status: 200,
  at: 0,
  durationMs: 1,
  ...step,
})

/** As a gateway leaves it: inner calls are noted before the outer one, whose answer comes last. */
const EXCHANGE: readonly TraceStep[] = [
  { kind: 'decision', by: 'gateway', name: 'bearer', outcome: 'pass', at: 1012 },
  call({ from: 'gateway', to: 'idp', what: 'GET /jwks', purpose: 'jwks', at: 1002, durationMs: 8 }),
  { kind: 'decision', by: 'gateway', name: 'scopes_required', outcome: 'fail', reason: 'scope_missing', at: 1013 },
  call({ from: 'client', to: 'gateway', what: 'GET /orders', status: 403, at: 1000, durationMs: 15 }),
  call({ from: 'client', to: 'idp', what: 'POST /token', purpose: 'token', at: 900, durationMs: 20 }),
]

describe('toMermaid', () => {
  test('puts what a call caused between its question and its answer', () => {
    expect(toMermaid(EXCHANGE)).toBe(
      [
        'sequenceDiagram',
        '  participant client as Client',
        '  participant gateway as Gateway',
        '  participant idp as Identity provider',
        '  client->>idp: POST /token',
        '  idp-->>client: 200 · 20 ms',
        '  client->>gateway: GET /orders',
        '  gateway->>idp: GET /jwks',
        '  idp-->>gateway: 200 · 8.0 ms',
        '  Note over gateway: bearer: pass',
        '  Note over gateway: scopes_required: fail (scope_missing)',
        '  gateway-->>client: 403 · 15 ms',
        '',
      ].join('\n'),
    )
  })

  test('leaves decisions and timings out when asked', () => {
    const text = toMermaid(EXCHANGE, { decisions: false, timings: false, title: 'Story 1' })
    expect(text).not.toContain('Note over')
    expect(text).toContain('  title: Story 1\n')
    expect(text).toContain('  gateway-->>client: 403\n')
  })

  test('a call without an answer ends with a cross and says why', () => {
    const { status: _, ...lost } = call({ from: 'gateway', to: 'upstream', what: 'GET /', error: 'nothing listens there' })
    expect(toMermaid([lost])).toContain('  upstream--xgateway: nothing listens there · 1.0 ms')
  })

  test.for([
    { name: 'a statement end', text: 'a; participant evil', wanted: 'a#59; participant evil' },
    { name: 'a comment', text: '#1', wanted: '#35;1' },
    { name: 'markup', text: '<img src="x">', wanted: '#60;img src=#34;x#34;#62;' },
    { name: 'a directive', text: '%%{init: 1}%%', wanted: '%%#123;init: 1#125;%%' },
    { name: 'line ends', text: 'a\r\nend', wanted: 'a end' },
  ])('escapes $name', ({ text, wanted }) => {
    const lines = toMermaid([call({ from: 'client', to: 'gateway', what: text })]).split('\n')
    expect(lines[3]).toBe(`  client->>gateway: ${wanted}`)
    expect(lines).toHaveLength(6)
  })

  test('equal times keep the order of the actors, not of the list', () => {
    const rows = diagramRows([
      call({ from: 'gateway', to: 'upstream', what: 'inner', durationMs: 0 }),
      call({ from: 'client', to: 'gateway', what: 'outer', durationMs: 0 }),
    ])
    expect(rows.map((row) => row.text.split(' ')[0])).toEqual(['outer', 'inner', '200', '200'])
  })

  test('calls in both directions at the same instant are both drawn', () => {
    const rows = diagramRows([call({ from: 'client', to: 'gateway', what: 'a' }), call({ from: 'gateway', to: 'client', what: 'b' })])
    expect(rows.filter(({ kind }) => kind === 'call')).toHaveLength(2)
  })

  test('calls that go round in a circle at the same instant are all drawn', () => {
    const circle = [
      call({ from: 'client', to: 'gateway', what: 'a' }),
      call({ from: 'gateway', to: 'idp', what: 'b' }),
      call({ from: 'idp', to: 'client', what: 'c' }),
    ]
    expect(diagramRows(circle).filter(({ kind }) => kind === 'call')).toHaveLength(3)
  })
})

describe('toSvg', () => {
  test('is well-formed, names its actors once and draws every row', () => {
    const svg = toSvg(EXCHANGE, { title: 'a "quoted" <title>' })
    expect(XMLValidator.validate(svg)).toBe(true)
    expect(svg.match(/class="who"/g)).toHaveLength(3)
    expect(svg.match(/<g class="(call|reply|note) /g)).toHaveLength(8)
  })

  test('texts cannot leave their element', () => {
    const svg = toSvg([call({ from: 'client', to: 'gateway', what: '</text><script>alert(1)</script>\u0000' })])
    expect(svg).not.toContain('<script>')
    expect(XMLValidator.validate(svg)).toBe(true)
  })

  test('nothing observed draws nothing', () => {
    expect(toSvg([])).toBe('')
  })
})
