import { createHash } from 'node:crypto'
import type { KoaContextWithOIDC } from 'oidc-provider'

/** HTML that is safe to send: made by {@link html} only. */
export interface Html {
  readonly markup: string
}

type Part = Html | string | number | undefined | false | readonly Html[]

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')

const render = (part: Part): string => {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part))
  return 'markup' in part ? part.markup : part.map(render).join('')
}

/** A template whose values are escaped unless they are {@link Html} already. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  markup: texts.map((text, index) => text + (index < parts.length ? render(parts[index]) : '')).join(''),
})

/** Markup the library made and escaped itself. */
export const trusted = (markup: string): Html => ({ markup })

export interface Page {
  readonly title: string
  readonly body: Html
  /** Default 200. */
  readonly status?: number
}

const STYLE = `
:root{color-scheme:light dark;--ground:#f3f5f8;--card:#fff;--text:#17202e;--soft:#5b6675;--line:#d5dbe3;--accent:#1f5fd0;--on-accent:#fff;--bad:#a3231b;--bad-ground:#fdecea}
@media (prefers-color-scheme:dark){:root{--ground:#12161d;--card:#1b212b;--text:#e8ecf2;--soft:#9aa6b5;--line:#333d4b;--accent:#7aa8ff;--on-accent:#0c1423;--bad:#ffb4ab;--bad-ground:#40201d}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{width:100%;max-width:25rem;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:2rem}
h1{margin:0 0 .25rem;font-size:1.4rem;line-height:1.3}
p{margin:0 0 1.25rem;color:var(--soft)}
strong,code{color:var(--text)}
code{font:600 1.3rem ui-monospace,monospace;letter-spacing:.08em}
label{display:block;margin:0 0 .3rem;font-weight:600}
input:not([type=hidden]){display:block;width:100%;margin:0 0 1rem;padding:.6rem .75rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:8px}
::placeholder{color:var(--soft);opacity:1}
input:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button{display:block;width:100%;padding:.65rem;font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);border:1px solid var(--accent);border-radius:8px;cursor:pointer}
button.quiet{margin-top:.6rem;color:var(--text);background:transparent;border-color:var(--line)}
.problem{margin:0 0 1.25rem;padding:.6rem .75rem;color:var(--bad);background:var(--bad-ground);border-radius:8px}
dl{margin:0;font-size:.9rem}dt{font-weight:600}dd{margin:0 0 .6rem;color:var(--soft);overflow-wrap:anywhere}
footer{margin-top:1.5rem;font-size:.8rem;color:var(--soft)}
`

// In one piece: the policy allows exactly these bytes.
const STYLE_ELEMENT = trusted(`<style>${STYLE}</style>`)

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/**
 * Headers of every page of ours. Nothing is loaded, nothing runs, nobody may frame it. There is no `form-action`: browsers apply it
 * to the redirects after a form too, and those lead to redirect URIs we cannot name beforehand.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** The whole document. */
export function documentOf({ title, body }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          ${body}
          <footer>oidcgw embedded provider, for tests only</footer>
        </main>
      </body>
    </html> `.markup
}

/** Answers through the library's context. */
export function renderTo(ctx: KoaContextWithOIDC, page: Page): void {
  if (page.status !== undefined) ctx.status = page.status
  ctx.body = documentOf(page)
  ctx.set(PAGE_HEADERS as Record<string, string>)
}
