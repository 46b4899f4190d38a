import { html, type Page } from './layout.js'

export interface LoginFacts {
  /** Where the form goes: the page's own URL. */
  readonly action: string
  readonly application: string
  /** From `login_hint`, or what was typed before. */
  readonly username?: string
  readonly failed?: boolean
}

/** The sign-in form: fields `username` and `password`, a second button `cancel`. A wrong password brings it back with status 422. */
export const loginPage = ({ action, application, username, failed }: LoginFacts): Page => ({
  title: `Sign in to ${application}`,
  ...(failed && { status: 422 }),
  body: html`<h1>Sign in</h1>
    <p>to continue to <strong>${application}</strong></p>
    ${failed && html`<p class="problem" role="alert">That name and password do not match. Please try again.</p>`}
    <form method="post" action="${action}">
      <label for="username">User name</label>
      <input
        id="username"
        name="username"
        value="${username ?? ''}"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        required${username ? html`` : html` autofocus`}
      />
      <label for="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        autocomplete="current-password"
        required${username ? html` autofocus` : html``}
      />
      <button type="submit">Sign in</button>
      <button type="submit" class="quiet" name="cancel" value="yes" formnovalidate>Cancel</button>
    </form>`,
})

/** Asked for by `prompt=consent` only: buttons `decision=allow` and `decision=deny`. */
export const consentPage = ({ action, application, scopes }: LoginFacts & { readonly scopes: readonly string[] }): Page => ({
  title: `Allow ${application}?`,
  body: html`<h1>Allow <strong>${application}</strong>?</h1>
    <p>It asks for: ${scopes.join(', ') || 'nothing in particular'}</p>
    <form method="post" action="${action}">
      <button type="submit" name="decision" value="allow">Allow</button>
      <button type="submit" class="quiet" name="decision" value="deny">Deny</button>
    </form>`,
})
