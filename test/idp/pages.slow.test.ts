import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launchChromium } from '../support/chromium.js'
import { describeWithPrograms } from '../support/programs.js'
import { codeRequest, idpForTest, post } from './support.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Where the redirect goes: a page that says what arrived. */
async function application(): Promise<string> {
  const server = createServer(
    (request, response) => void response.setHeader('content-type', 'text/html').end(`<title>arrived</title>${request.method}`),
  )
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
}

describeWithPrograms('the pages in Chromium', ['chromium'], () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  /** A page that keeps everything it complained about, and every address it asked beyond loopback. */
  async function open(
    options: { colorScheme?: 'light' | 'dark'; javaScriptEnabled?: boolean } = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 900, height: 700 }, bypassCSP: false, ...options })
    onTestFinished(() => context.close())
    const complaints: string[] = []
    await context.route('**', (route) => {
      if (new URL(route.request().url()).hostname === '127.0.0.1') return route.continue()
      complaints.push(route.request().url())
      return route.abort()
    })
    const page = await context.newPage()
    page.on('console', (message) => {
      // The browser reports every 4xx document; a wrong password is one.
      if (message.type() === 'error' && !message.text().includes('status of 422') && !message.text().includes('favicon'))
        complaints.push(message.text())
    })
    return { page, complaints }
  }

  async function violations(page: Page): Promise<string[]> {
    const { axe: run } = (await page.evaluate(
      `(() => { ${axe}; return window.axe.run().then((axe) => ({ axe: axe.violations.map(({ id }) => id) })) })()`,
    )) as { axe: string[] }
    return run
  }

  test.for([
    { colorScheme: 'light' as const, javaScriptEnabled: true },
    { colorScheme: 'dark' as const, javaScriptEnabled: true },
    { colorScheme: 'light' as const, javaScriptEnabled: false },
  ])('a person signs in and arrives: %o', async (options) => {
    const idp = await idpForTest()
    const redirect_uri = await application()
    const { page, complaints } = await open(options)
    await page.goto(codeRequest(idp, 'native', { redirect_uri, scope: 'openid' }).url)
    expect(await page.title()).toBe('Sign in to native')
    expect(options.javaScriptEnabled ? await page.evaluate('document.activeElement.id') : 'username').toBe('username')
    if (options.javaScriptEnabled) expect(await violations(page)).toEqual([])
    await screenshot(page, `login-${options.colorScheme}`)
    await page.fill('#username', 'alice')
    await page.fill('#password', 'wrong')
    await page.press('#password', 'Enter')
    expect(await page.textContent('[role=alert]')).toContain('do not match')
    expect(await page.inputValue('#username')).toBe('alice')
    if (options.javaScriptEnabled) expect(await violations(page)).toEqual([])
    await screenshot(page, `wrong-${options.colorScheme}`)
    await page.fill('#password', 'alice-password')
    await page.click('text=Sign in >> visible=true >> nth=-1')
    await page.waitForURL(`${redirect_uri}?*`)
    expect(new URL(page.url()).searchParams.get('code')).toBeTruthy()
    expect(complaints).toEqual([])
  })

  test('Cancel leaves without the fields filled', async () => {
    const idp = await idpForTest()
    const redirect_uri = await application()
    const { page } = await open()
    await page.goto(codeRequest(idp, 'native', { redirect_uri }).url)
    await page.click('text=Cancel')
    await page.waitForURL(`${redirect_uri}?*`)
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied')
  })

  test('consent, device, logout and error pages are in order too', async () => {
    const idp = await idpForTest()
    const redirect_uri = await application()
    const { page, complaints } = await open({ colorScheme: 'dark' })
    const look = async (name: string): Promise<void> => {
      expect({ name, violations: await violations(page) }).toEqual({ name, violations: [] })
      await screenshot(page, name)
    }
    await page.goto(codeRequest(idp, 'native', { redirect_uri, prompt: 'consent' }).url)
    await page.fill('#username', 'bob')
    await page.fill('#password', 'bob-password')
    await page.press('#password', 'Enter')
    await look('consent')
    await page.click('text=Allow >> visible=true >> nth=-1')
    await page.waitForURL(`${redirect_uri}?*`)

    const { body } = await post(`${idp.issuer}/v1/device/authorize`, { scope: 'openid' }, idp.applications.native)
    await page.goto(`${idp.issuer}/activate`)
    await look('device')
    await page.fill('input[name=user_code]', String(body['user_code']))
    await page.press('input[name=user_code]', 'Enter')
    await look('device-confirm')
    await page.click('text=Yes, it does')
    await page.waitForSelector('text=Device connected')
    await page.goto(String(body['verification_uri_complete']))
    await look('device-link')

    await page.goto(`${idp.issuer}/v1/logout`)
    await look('logout')
    await page.click('text=Yes, sign me out')
    await page.waitForSelector('text=You are signed out')
    await look('signed-out')
    expect(complaints).toEqual([])
    await page.goto(codeRequest(idp, 'native', { redirect_uri: 'http://evil.example/' }).url)
    await look('error')
  })

  test('form_post arrives', async () => {
    const idp = await idpForTest()
    const redirect_uri = await application()
    const { page } = await open()
    await page.goto(codeRequest(idp, 'native', { redirect_uri, response_mode: 'form_post' }).url)
    await page.fill('#username', 'alice')
    await page.fill('#password', 'alice-password')
    await page.press('#password', 'Enter')
    await page.waitForURL(redirect_uri)
    expect(await page.textContent('body')).toBe('POST')
  })
})

/** Kept only for somebody who wants to look: OIDCGW_SCREENSHOTS names a folder. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['OIDCGW_SCREENSHOTS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}
