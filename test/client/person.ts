import { driveForm, type Arrival } from '../../src/client/form-driver.js'
import type { Host } from '../../src/host.js'
import { createMemoryHost } from '../support/memory-host.js'

export interface PersonOptions {
  readonly username?: string
  readonly password?: string
  /** Changes the URL the browser is sent to. */
  readonly onTheWay?: (url: URL) => void
  /** Changes the address the provider redirects to; undefined goes nowhere. */
  readonly onTheWayBack?: (redirect: URL) => URL | undefined
  /** Changes the form that is posted back (`form_post`). */
  readonly onForm?: (form: URLSearchParams | undefined) => void
  /** Does this in place of signing in. */
  readonly instead?: (url: URL, redirectUri: URL) => Promise<URL>
}

export interface Person {
  readonly openBrowser: Host['openBrowser']
  /** Pages that the loopback listener showed. */
  readonly pages: { readonly status: number; readonly headers: Headers; readonly html: string }[]
  readonly opened: URL[]
  /** Settles when everything the browser does is done. */
  readonly done: () => Promise<unknown>
}

/** Somebody with a browser: goes to the URL, signs in at the provider's form, follows the redirect to the loopback listener. */
export function createPerson({
  username = 'alice',
  password = 'alice-password',
  onTheWay,
  onTheWayBack,
  onForm,
  instead,
}: PersonOptions = {}): Person {
  const pages: { status: number; headers: Headers; html: string }[] = []
  const opened: URL[] = []
  const work: Promise<unknown>[] = []
  const browse = async (text: string): Promise<void> => {
    const url = new URL(text)
    opened.push(new URL(text))
    const redirectUri = new URL(url.searchParams.get('redirect_uri') ?? 'http://127.0.0.1/callback')
    onTheWay?.(url)
    const arrived: Arrival = instead
      ? { url: await instead(url, redirectUri) }
      : await driveForm(url, redirectUri, createMemoryHost(), { username, password })
    onForm?.(arrived.form)
    const target = onTheWayBack ? onTheWayBack(arrived.url) : arrived.url
    if (!target) return
    const answer = await fetch(target, arrived.form ? { method: 'POST', body: arrived.form } : {})
    pages.push({ status: answer.status, headers: answer.headers, html: await answer.text() })
  }
  return {
    pages,
    opened,
    done: () => Promise.all(work),
    openBrowser: async (url) => void work.push(browse(url)),
  }
}
