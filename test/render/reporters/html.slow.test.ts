import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PLAIN } from '../../../src/render/palette.js'
import { REPORTERS } from '../../../src/render/reporters/index.js'
import { launchChromium } from '../../support/chromium.js'
import { describeWithPrograms } from '../../support/programs.js'
import { REPORT } from './sample-report.js'

const LOOKS = [
  { look: 'light', colorScheme: 'light', width: 1200 },
  { look: 'dark', colorScheme: 'dark', width: 1200 },
  { look: 'narrow', colorScheme: 'light', width: 360 },
] as const

describeWithPrograms('the HTML report in Chromium, scripts off', ['chromium'], () => {
  const folder = process.env['OIDCGW_SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'oidcgw-html-'))
  const file = join(folder, 'report.html')
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  let browser: Browser

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    let page = ''
    REPORTERS.html.create({ write: (text) => void (page += text), palette: PLAIN }).finish(REPORT)
    writeFileSync(file, page)
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  test.for(LOOKS)(
    '$look: nothing is asked for outside, nothing overflows, everything is readable',
    async ({ look, colorScheme, width }) => {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 }, javaScriptEnabled: false })
      const asked: string[] = []
      page.on('request', (request) => void asked.push(request.url()))
      await page.goto(pathToFileURL(file).href)
      expect(asked).toEqual([pathToFileURL(file).href])
      const picture = await page.screenshot({ path: join(folder, `${look}.png`), fullPage: true })
      expect(picture.length).toBeGreaterThan(10_000)
      const [red = 0] = await backgroundOf(page)
      expect(red > 128).toBe(colorScheme === 'light')
      const overflow = await page.locator('main').evaluate((element) => element.scrollWidth - element.clientWidth)
      expect(overflow).toBeLessThanOrEqual(0)
      await page.close()
    },
  )

  test.for(LOOKS)('$look: axe finds nothing', async ({ colorScheme, width }) => {
    // axe is a script: for it alone scripts run, and the page's own policy is set aside.
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
    await page.goto(pathToFileURL(file).href)
    await page.evaluate(axe)
    // Closed details hide what is in them from the checks.
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>(
      'axe.run()',
    )
    expect(violations.map(({ id, nodes }) => ({ id, first: nodes[0]?.html, why: nodes[0]?.failureSummary }))).toEqual([])
    await page.close()
  })
})

async function backgroundOf(page: Awaited<ReturnType<Browser['newPage']>>): Promise<number[]> {
  const text = await page
    .locator('body')
    .evaluate(
      (element) =>
        (globalThis as unknown as { getComputedStyle(e: unknown): { backgroundColor: string } }).getComputedStyle(element).backgroundColor,
    )
  return (text.match(/\d+/g) ?? []).map(Number)
}
