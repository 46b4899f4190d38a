import { html, trusted, type Page } from './layout.js'

/** Asked when the request did not prove whose session it ends (RP-Initiated Logout §2). */
export const logoutPage = (form: string): Page => ({
  title: 'Sign out?',
  body: html`<h1>Sign out?</h1>
    <p>This ends your session here.</p>
    ${trusted(form)}
    <button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Yes, sign me out</button>
    <button type="submit" class="quiet" form="op.logoutForm">No, stay signed in</button>`,
})

export const loggedOutPage = (): Page => ({
  title: 'Signed out',
  body: html`<h1>You are signed out</h1>
    <p>You can close this page.</p>`,
})
