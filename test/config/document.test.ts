import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { locateIssues, parseSource, suggest } from '../../src/config/document.js'
import { formatIssue } from '../../src/errors.js'

const YAML = `services:
  - name: echo
    routes:
      - name: r
        paths: [/a, 7]
        strip: true
`
const Schema = z.object({
  services: z.array(
    z.object({
      name: z.string(),
      routes: z.array(z.strictObject({ name: z.string(), paths: z.array(z.string()), strip_path: z.boolean().optional() })),
    }),
  ),
})

describe('a document that knows where things stand', () => {
  test('a wrong value and an unknown key are found at their line and column', () => {
    const source = parseSource(YAML, 'kong.yaml')
    const { error } = Schema.safeParse(source.value)
    const issues = locateIssues(source, error as z.ZodError, () => ['name', 'paths', 'strip_path'])
    expect(issues.map(formatIssue)).toEqual([
      'kong.yaml:5:21  services[0].routes[0].paths[1]: Invalid input: expected string, received number',
      'kong.yaml:6:9  services[0].routes[0].strip: unknown field (did you mean "strip_path"?)',
    ])
  })

  test('a missing member points at its mapping', () => {
    const source = parseSource('services:\n  - name: echo\n', 'f')
    const { error } = Schema.safeParse(source.value)
    expect(locateIssues(source, error as z.ZodError)[0]).toMatchObject({ line: 2, column: 5 })
  })

  test('a duplicate key is a syntax error with its place', () => {
    const { issues, value } = parseSource('a: 1\na: 2\n', 'f.yaml')
    expect(value).toBeUndefined()
    expect(issues).toMatchObject([{ id: 'yaml-syntax', line: 2, column: 1 }])
  })

  test('an anchor is followed', () => {
    const source = parseSource('base: &b { x: 1 }\nuse: *b\n', 'f')
    expect(source.position(['use', 'x'])).toEqual({ line: 1, column: 15 })
  })

  test('JSON is YAML', () => {
    expect(parseSource('{"a":[1]}', 'f.json').value).toEqual({ a: [1] })
  })

  test.for([
    { name: 'beerer', nearest: 'bearer' },
    { name: 'baerer', nearest: 'bearer' },
    { name: 'xyz', nearest: undefined },
  ])('$name → $nearest', ({ name, nearest }) => {
    expect(suggest(name, ['bearer', 'introspection', 'session'])).toBe(nearest)
  })
})
