import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startLab, type Lab } from '../../src/lab/lab.js'
import { cli } from '../support/memory-host.js'
import { launchChromium } from '../support/chromium.js'
import { describeWithPrograms } from '../support/programs.js'

/** `OIDCGW_SCREENSHOTS=FOLDER` keeps what the pages look like. */
const screenshots = process.env['OIDCGW_SCREENSHOTS']

describeWithPrograms('a real browser', ['chromium'], () => {
  let browser: Browser
  let context: BrowserContext
  let lab: Lab
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    lab = await startLab()
    context = await newContext()
  })
  afterEach(async () => {
    await context.close()
    await lab.close()
  })

  const newContext = async (): Promise<BrowserContext> => {
    const fresh = await browser.newContext()
    fresh.setDefaultTimeout(15_000)
    await fresh.route(/^https?:\/\/(?!127\.0\.0\.1[:/])/, (route) => route.abort())
    return fresh
  }
  const shoot = async (page: Page, name: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      if (screenshots) await page.screenshot({ path: join(screenshots, `${name}-${colorScheme}.png`) })
      const overflow = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')
      expect(overflow, `${name} scrolls sideways`).toBe(false)
      const display = await page.evaluate('getComputedStyle(document.body).display')
      expect(display, `${name}: the style sheet is allowed by the page’s own policy`).toBe('grid')
    }
  }
  const signIn = async (page: Page, username: string, password = `${username}-password`): Promise<void> => {
    await page.getByLabel(/user ?name/i).fill(username)
    await page.getByLabel(/password/i).fill(password)
    await page.getByRole('button', { name: /sign in/i }).click()
  }
  const upstreamHeaders = async (page: Page): Promise<Record<string, string>> =>
    (JSON.parse(await page.locator('body').innerText()) as { headers: Record<string, string> }).headers

  test('the gateway’s code flow: login, session cookie, back button, logout', async () => {
    const page = await context.newPage()
    await page.goto(`${lab.gatewayUrl}/web/get`)
    expect(new URL(page.url()).origin).toBe(lab.issuer)
    await shoot(page, 'login')
    await signIn(page, 'alice', 'wrong')
    await expect(page.getByRole('alert').innerText()).resolves.toMatch(/\S/)
    await shoot(page, 'login-wrong-password')
    await signIn(page, 'alice')
    await page.waitForURL(`${lab.gatewayUrl}/web/get**`)
    expect((await upstreamHeaders(page))['Authorization']).toMatch(/^Bearer eyJ/)

    const session = (await context.cookies()).find(({ name }) => name === 'session')
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', secure: false, domain: '127.0.0.1' })
    expect(await page.evaluate('document.cookie')).not.toContain('session')

    const before = await lab.counters()
    await page.goto(`${lab.gatewayUrl}/web/anything`)
    expect((await upstreamHeaders(page))['Authorization']).toMatch(/^Bearer eyJ/)
    expect(await lab.counters()).toEqual(before)

    const token = (await lab.counters())['token']
    await page.goBack()
    await page.goBack().catch(() => null)
    await page.goto(`${lab.gatewayUrl}/web/get`)
    expect(page.url()).toBe(`${lab.gatewayUrl}/web/get`)
    expect((await lab.counters())['token'], 'going back exchanged no second code').toBe(token)

    await page.setContent(`<form method="post" action="${lab.gatewayUrl}/web/logout"><button>out</button></form>`)
    await Promise.all([page.waitForURL((url) => url.origin === lab.issuer), page.getByRole('button').click()])
    await shoot(page, 'logged-out')
    expect((await context.cookies()).some(({ name }) => name === 'session')).toBe(false)
    await page.goto(`${lab.gatewayUrl}/web/get`)
    expect(new URL(page.url()).origin).toBe(lab.issuer)
  })

  test('two tabs begin a login; both end where they began (G-106)', async () => {
    const [first, second] = [await context.newPage(), await context.newPage()]
    await first.goto(`${lab.gatewayUrl}/web/get?tab=1`)
    await second.goto(`${lab.gatewayUrl}/web/anything?tab=2`)
    await signIn(first, 'alice')
    await first.waitForURL(`${lab.gatewayUrl}/web/get**`)
    await signIn(second, 'alice')
    await second.waitForURL(`${lab.gatewayUrl}/web/anything**`)
    for (const page of [first, second]) expect((await upstreamHeaders(page))['Authorization']).toMatch(/^Bearer eyJ/)
  })

  test('another site’s page cannot use the session: SameSite=Lax', async () => {
    const page = await context.newPage()
    await page.goto(`${lab.gatewayUrl}/web/get`)
    await signIn(page, 'alice')
    await page.waitForURL(`${lab.gatewayUrl}/web/get**`)
    const postFrom = async (site: string): Promise<number> => {
      const other = await context.newPage()
      const body = `<form method="post" action="${lab.gatewayUrl}/web/anything"><button>go</button></form>`
      await other.route(`${site}/`, (route) => route.fulfill({ contentType: 'text/html', body }))
      await other.goto(`${site}/`)
      lab.echo.clear()
      const posts = (): number => lab.traces().filter(({ method }) => method === 'POST').length
      const before = posts()
      await other.evaluate('void setTimeout(() => document.forms[0].submit())')
      await expect.poll(posts, { timeout: 10_000 }).toBe(before + 1)
      return lab.echo.received.filter(({ method }) => method === 'POST').length
    }
    expect(await postFrom('http://127.0.0.1:8099'), 'a page of the same site').toBe(1)
    expect(await postFrom('http://127.0.0.2:8099'), 'a page of another site').toBe(0)
  })

  test('oidcgw login opens the browser, hears the redirect and shows how it ended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oidcgw-browser-'))
    const config = join(folder, 'oidcgw.yaml')
    await writeFile(
      config,
      JSON.stringify({
        version: 1,
        default_profile: 'me',
        profiles: {
          me: { issuer: lab.issuer, grant: 'authorization_code', client: { id: 'native', auth: 'none' }, scope: 'openid profile groups' },
        },
      }),
    )
    const env = { OIDCGW_STORE: join(folder, 'store') }
    const page = await context.newPage()
    const attempt = async (person: (page: Page) => Promise<void>, shot: string) => {
      let walked: Promise<void> | undefined
      const openBrowser = async (url: string): Promise<void> => {
        walked = page.goto(url).then(() => person(page))
      }
      const ended = await cli(['login', '-c', config, '--browser', 'chromium'], { env, openBrowser })
      await walked
      await page.waitForURL(/\/callback/)
      await shoot(page, shot)
      return { ...ended, shown: await page.locator('body').innerText() }
    }
    try {
      const well = await attempt((at) => signIn(at, 'bob'), 'success')
      expect(well).toMatchObject({ exitCode: 0 })
      expect(well.stderr).toContain(lab.issuer)
      expect(`${well.stdout}${well.stderr}`).not.toMatch(/eyJ[\w-]{20,}\.[\w-]{40,}/)
      await context.clearCookies()
      const denied = await attempt(async (at) => {
        await at
          .getByRole('link', { name: /cancel/i })
          .or(at.getByRole('button', { name: /cancel/i }))
          .click()
      }, 'failure')
      expect(denied).toMatchObject({ exitCode: 3 })
      expect(denied.shown).not.toBe(well.shown)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
