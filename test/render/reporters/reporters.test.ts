import { readFileSync } from 'node:fs'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import type { ProbeReport } from '../../../src/probe/report.js'
import { PLAIN } from '../../../src/render/palette.js'
import { REPORTERS } from '../../../src/render/reporters/index.js'
import type { ReportFormat } from '../../../src/render/reporters/reporter.js'
import { NASTY, REPORT } from './sample-report.js'

function render(format: ReportFormat, report: ProbeReport = REPORT): string {
  let text = ''
  const reporter = REPORTERS[format].create({ write: (part) => void (text += part), palette: PLAIN })
  reporter.start?.(report.results.length)
  for (const result of report.results) reporter.result?.(result)
  reporter.finish(report)
  return text
}

const EMPTY: ProbeReport = {
  ...REPORT,
  suites: [],
  counts: { pass: 0, fail: 0, error: 0, skip: 0, known: 0 },
  results: [],
  stale: [],
  statistics: [],
  errors: {},
}

describe('every format', () => {
  test.for(Object.keys(REPORTERS) as ReportFormat[])('%s ends with a line end and stands a run of nothing', (format) => {
    expect(render(format)).toMatch(/\n$/)
    expect(render(format, EMPTY)).toMatch(/\n$/)
  })
})

describe('junit', () => {
  const schema = readFileSync(new URL('../../../fixtures/suites/junit.xsd', import.meta.url), 'utf8')
  const validate = async (contents: string) => (await validateXML({ xml: { fileName: 'r.xml', contents }, schema: [schema] })).errors

  test('is valid under the schema, whatever the texts are', async () => {
    expect(await validate(render('junit'))).toEqual([])
    expect(await validate(render('junit', EMPTY))).toEqual([])
  })

  test('the schema refuses what is not JUnit', async () => {
    expect(await validate(render('junit').replace('<testcase name=', '<testcase nam='))).not.toEqual([])
  })

  test('counts, kinds and texts come back from a parser', () => {
    const { testsuites } = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'testsuite' || name === 'testcase' }).parse(
      render('junit'),
    ) as {
      testsuites: { [name: string]: string } & {
        testsuite: { [name: string]: string & { [name: string]: { [name: string]: string } }[] }[]
      }
    }
    expect(testsuites).toMatchObject({ '@_tests': '7', '@_failures': '2', '@_errors': '1' })
    const [access, baseline] = testsuites.testsuite
    expect(access).toMatchObject({
      '@_name': 'access',
      '@_tests': '6',
      '@_failures': '1',
      '@_errors': '1',
      '@_skipped': '2',
      '@_hostname': '127.0.0.1',
    })
    expect(access?.['testcase']?.[3]).toMatchObject({ '@_name': 'lost', error: { '@_type': 'ERR_NETWORK', '@_message': 'cannot reach x' } })
    expect(access?.['testcase']?.[5]).toMatchObject({ skipped: { '@_message': 'known to fail: ticket 7' } })
    expect(baseline).toMatchObject({ '@_name': 'baseline', '@_failures': '1' })
  })
})

describe('tap', () => {
  test('a plan, a point a case, directives and diagnostics', () => {
    const lines = render('tap').split('\n')
    expect(lines.slice(0, 4)).toEqual(['TAP version 14', '1..6', 'ok 1 - access › closed', 'ok 2 - access › open'])
    expect(lines.filter((line) => /^(not )?ok /.test(line))).toHaveLength(6)
    expect(lines).toContain('ok 5 - access › later # SKIP not yet')
    expect(lines).toContain('not ok 6 - access › known # TODO ticket 7')
    expect(lines).toContain('  code: "ERR_NETWORK"')
  })

  test('a name starts no directive and ends no line', () => {
    const line = render('tap')
      .split('\n')
      .find((one) => one.startsWith('not ok 3 - '))
    expect(line).toContain(String.raw`\# not TAP \\ *bold*`)
    expect(line).not.toMatch(/(^|[^\\])#/)
  })
})

describe('github', () => {
  test('nothing in a message starts another command or leaves a property', () => {
    const lines = render('github').split('\n')
    const commands = lines.filter((line) => line.startsWith('::'))
    expect(commands.filter((line) => line.startsWith('::error '))).toHaveLength(1)
    expect(commands[0]).toMatch(/^::error file=oidcgw\.yaml,line=3,col=7,title=[^:,]*::/)
    expect(commands[0]).toContain('%250A')
    expect(lines.filter((line) => line.startsWith('::warning file='))).toHaveLength(1)
  })
})

describe('markdown', () => {
  test('the access matrix, and nothing leaves its cell', () => {
    const text = render('markdown')
    expect(text).toContain('# oidcgw probe: ❌ it does not hold')
    const table = text.split('\n').filter((line) => line.startsWith('| `GET /orders`'))
    expect(table).toHaveLength(1)
    expect(table[0]?.match(/(?<!\\)\|/g)).toHaveLength(6)
    expect(text).not.toContain('<script>')
  })
})

describe('html', () => {
  const page = render('html')

  test('is well-formed enough to parse, holds no script and refers to nothing outside', () => {
    const body = page.slice(page.indexOf('<main>'), page.indexOf('</main>') + 7)
    expect(XMLValidator.validate(body, { allowBooleanAttributes: true })).toBe(true)
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\son\w+=/i)
    expect(page.match(/https?:\/\/(?!127\.0\.0\.1|www\.w3\.org\/2000\/svg)/g)).toBeNull()
    expect(page).toContain("default-src 'none'")
  })

  test('has the matrix, the diagram, the plot and the masked exchange', () => {
    expect(page).toContain('aria-label="Access matrix of access"')
    expect(page).toContain('<svg class="sequence"')
    expect(page).toContain('<svg class="plot"')
    expect(page).toContain('401 Unauthorized\nwww-authenticate: Bearer realm=')
  })
})

describe('pretty', () => {
  test('a line a case, reasons and places under what did not hold', () => {
    const text = render('pretty')
    expect(text).toContain('  ✓ open 200 · 12 ms · as m2m\n')
    expect(text).toContain('  ✗ known 200 · 12 ms · as bob\n      known to fail (ticket 7): status: expected 403, got 200\n')
    expect(text).toContain('  ? lost 12 ms\n      cannot reach x\n      oidcgw.yaml:4:7\n')
    expect(text).toContain('2 passed, 1 failed, 1 unclear, 1 skipped, 1 known to fail in 2500 ms')
    expect(text).toContain('server certificates were not verified (--insecure)')
  })

  test('progress is one line on stderr, cleared before anything else is said', () => {
    const progress: string[] = []
    const reporter = REPORTERS.pretty.create({ write: () => undefined, palette: PLAIN, progress: (text) => void progress.push(text) })
    reporter.start?.(6)
    reporter.result?.(REPORT.results[0] as ProbeReport['results'][number])
    reporter.finish(REPORT)
    expect(progress.at(-2)).toBe('\r\u001b[K1/6 access › closed')
    expect(progress.at(-1)).toBe('\r\u001b[K')
  })
})

describe('jsonl', () => {
  test('a document a line, the summary last and without the results', () => {
    const lines = render('jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ schema }) => schema)).toEqual([...Array(6).fill('oidcgw/probe-result/v1'), 'oidcgw/probe-summary/v1'])
    expect(lines[2]?.['name']).toBe(NASTY)
    expect(lines[6]).not.toHaveProperty('results')
  })
})
