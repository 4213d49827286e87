import type { Page } from 'playwright-core'

/** What people do on a page of this HTML, and the interactions that must arrive beside its view: these and no others. */
export interface Case {
  /** Part of the page's address: small letters and dashes. */
  name: string
  html: string
  act(page: Page): Promise<unknown>
  /** `type target` of each, or only the target of a click. */
  arrive: string[]
  /** The sum of their values. */
  value?: number
}

const press = (selector = '#here') => (page: Page) => page.locator(selector).click()
const force = (selector = '#here') => (page: Page) => page.locator(selector).click({ force: true })
const key = (name: string, selector = '#here') => async (page: Page) => {
  await page.locator(selector).focus()
  await page.keyboard.press(name)
}

const CHECKBOX = '<input id="box" type="checkbox">'

export const cases: Case[] = [
  // What a click is on.
  { name: 'button', html: '<button id="here">Buy Now</button>', act: press(), arrive: ['Buy Now'] },
  { name: 'icon-in-button', html: '<button aria-label="Buy Now"><svg id="here" width="20" height="20"><rect width="20" height="20"/></svg></button>', act: press(), arrive: ['Buy Now'] },
  { name: 'deep-in-button', html: '<button><span><b><i id="here">Buy</i></b> Now</span></button>', act: press(), arrive: ['Buy Now'] },
  { name: 'link', html: '<a id="here" href="#top">Top</a>', act: press(), arrive: ['Top'] },
  { name: 'svg-link', html: '<svg width="99" height="20"><a href="#a" aria-label="Map"><rect id="here" width="99" height="20"/></a></svg>', act: press(), arrive: ['Map'] },
  { name: 'area', html: '<img usemap="#m" width="50" height="50" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><map name="m"><area href="#a" alt="North" coords="0,0,50,50"></map>', act: press('img'), arrive: ['North'] },
  { name: 'submit-input', html: '<form onsubmit="return false"><input id="here" type="submit" value="Send"></form>', act: press(), arrive: ['Send'] },
  { name: 'summary', html: '<details><summary id="here">More</summary>text</details>', act: press(), arrive: ['More'] },
  { name: 'role-button', html: '<div id="here" role="button" tabindex="0">Play</div>', act: press(), arrive: ['Play'] },
  { name: 'role-tab', html: '<div id="here" role="tab">Reviews</div>', act: press(), arrive: ['Reviews'] },
  { name: 'no-control', html: '<p id="here">Nothing to press</p>', act: press(), arrive: [] },
  { name: 'tracked-element', html: '<p id="here" data-track="Hero">A picture</p>', act: press(), arrive: ['Hero'] },
  { name: 'nearest-tracked', html: '<div data-track="Outer"><div data-track="Inner"><button id="here">Buy</button></div></div>', act: press(), arrive: ['Inner'] },

  // Shadow DOM.
  { name: 'shadow-root', html: '<x-buy></x-buy><script>document.querySelector("x-buy").attachShadow({mode:"open"}).innerHTML="<button><b>Buy Now</b></button>"</script>', act: press('x-buy b'), arrive: ['Buy Now'] },
  { name: 'tracked-host', html: '<x-buy data-track="Buy Now"></x-buy><script>document.querySelector("x-buy").attachShadow({mode:"open"}).innerHTML="<button>Acheter</button>"</script>', act: press('x-buy button'), arrive: ['Buy Now'] },
  { name: 'slotted', html: '<x-card><b id="here">Buy Now</b></x-card><script>document.querySelector("x-card").attachShadow({mode:"open"}).innerHTML="<button><slot></slot></button>"</script>', act: press(), arrive: ['Buy Now'] },
  { name: 'closed-root', html: '<x-buy id="here" data-track="Buy Now"></x-buy><script>document.querySelector("x-buy").attachShadow({mode:"closed"}).innerHTML="<button>Acheter</button>"</script>', act: press(), arrive: ['Buy Now'] },

  // How it is pressed.
  { name: 'enter', html: '<button id="here">Buy Now</button>', act: key('Enter'), arrive: ['Buy Now'] },
  { name: 'space', html: '<button id="here">Buy Now</button>', act: key('Space'), arrive: ['Buy Now'] },
  { name: 'enter-on-link', html: '<a id="here" href="#top">Top</a>', act: key('Enter'), arrive: ['Top'] },
  { name: 'double-click', html: '<button id="here">More</button>', act: (page) => page.locator('#here').dblclick(), arrive: ['More', 'More'] },
  { name: 'three-presses', html: '<button id="here">More</button>', act: (page) => page.locator('#here').click({ clickCount: 3 }), arrive: ['More', 'More', 'More'] },
  { name: 'right-button', html: '<button id="here">More</button>', act: (page) => page.locator('#here').click({ button: 'right' }), arrive: [] },
  { name: 'dragged-off', html: '<button id="here">More</button>', act: async (page) => {
    await page.locator('#here').hover()
    await page.mouse.down()
    await page.mouse.move(300, 300)
    await page.mouse.up()
  }, arrive: [] },
  { name: 'by-script', html: '<button id="here">More</button>', act: (page) => page.evaluate('document.querySelector("#here").click()'), arrive: [] },

  // What can't be pressed.
  { name: 'disabled', html: '<button id="here" disabled>No</button>', act: force(), arrive: [] },
  { name: 'in-disabled', html: '<button disabled><b id="here">No</b></button>', act: force(), arrive: [] },
  { name: 'disabled-fieldset', html: '<fieldset disabled><button id="here">No</button></fieldset>', act: force(), arrive: [] },
  { name: 'link-in-disabled-fieldset', html: '<fieldset disabled><a id="here" href="#a">Help</a></fieldset>', act: press(), arrive: ['Help'] },
  { name: 'aria-disabled', html: '<div id="here" role="button" aria-disabled="true">No</div>', act: force(), arrive: [] },
  { name: 'ignored', html: '<div data-track-ignore><button id="here">No</button></div>', act: press(), arrive: [] },

  // Whatever the page does with it.
  { name: 'stopped', html: '<button id="here" onclick="event.stopPropagation()">Buy Now</button>', act: press(), arrive: ['Buy Now'] },
  { name: 'stopped-at-document', html: '<button id="here">Buy Now</button><script>document.addEventListener("click",e=>e.stopImmediatePropagation(),true)</script>', act: press(), arrive: ['Buy Now'] },
  { name: 'prevented', html: '<a id="here" href="/elsewhere" onclick="return false">Open</a>', act: press(), arrive: ['Open'] },
  { name: 'removed-by-it', html: '<button id="here" onclick="this.remove()">Close</button>', act: press(), arrive: ['Close'] },
  { name: 'renamed-by-it', html: '<button id="here" onclick="this.textContent=\'Adding …\'">Add</button>', act: press(), arrive: ['Add'] },
  { name: 'throws', html: '<button id="here" onclick="throw new Error(\'of the page\')">Buy Now</button>', act: press(), arrive: ['Buy Now'] },

  // Labels and what they label.
  { name: 'label-around', html: `<label data-track="Newsletter"><b id="here">Yes</b>${CHECKBOX}</label>`, act: press(), arrive: ['Newsletter'] },
  { name: 'label-for', html: `<label for="box" data-track="Newsletter" id="here">Yes</label>${CHECKBOX}`, act: press(), arrive: ['Newsletter'] },
  { name: 'labelled-box', html: `<label data-track="Newsletter">Yes${CHECKBOX}</label>`, act: press('#box'), arrive: ['Newsletter'] },
  { name: 'labelled-box-by-key', html: `<label for="box" data-track="Newsletter">Yes</label>${CHECKBOX}`, act: key('Space', '#box'), arrive: ['Newsletter'] },
  { name: 'tracked-in-label', html: `<label><b id="here" data-track="Terms">Terms</b>${CHECKBOX}</label>`, act: press(), arrive: ['Terms'] },
  { name: 'untracked-box', html: `<label id="here">I have diabetes ${CHECKBOX}</label>`, act: press(), arrive: [] },

  // Forms, and leaving the page.
  { name: 'leaves', html: '<a id="here" href="/elsewhere">Leave</a>', act: async (page) => {
    await page.locator('#here').click()
    await page.waitForURL('**/elsewhere')
  }, arrive: ['Leave'] },
  { name: 'leaves-by-script', html: '<button id="here" onclick="location.assign(\'/elsewhere\')">Leave</button>', act: async (page) => {
    await page.locator('#here').click()
    await page.waitForURL('**/elsewhere')
  }, arrive: ['Leave'] },
  { name: 'new-tab', html: '<a id="here" href="/elsewhere" target="_blank">Open</a>', act: async (page) => {
    const opened = page.waitForEvent('popup')
    await page.locator('#here').click()
    await (await opened).close()
  }, arrive: ['Open'] },
  { name: 'submits', html: '<form action="/elsewhere"><input name="q" value="secret"><button id="here">Search</button></form>', act: async (page) => {
    await page.locator('#here').click()
    await page.waitForURL('**/elsewhere?*')
  }, arrive: ['Search'] },
  { name: 'enter-in-form', html: '<form action="/elsewhere"><input id="here" name="q"><button>Search</button></form>', act: async (page) => {
    await key('Enter')(page)
    await page.waitForURL('**/elsewhere?*')
  }, arrive: ['Search'] },
  { name: 'tracked-form', html: '<form action="/elsewhere" data-track="Sign up"><input id="here" name="q"></form>', act: async (page) => {
    await key('Enter')(page)
    await page.waitForURL('**/elsewhere?*')
  }, arrive: ['submit Sign up'] },
  { name: 'tracked-form-with-button', html: '<form data-track="Sign up" onsubmit="return false"><button id="here">Go</button></form>', act: press(), arrive: ['Go', 'submit Sign up'] },

  // What it is called.
  { name: 'text', html: '<button id="here">\n  Enroll   <b>\tNow</b> </button>', act: press(), arrive: ['Enroll Now'] },
  { name: 'data-track', html: '<button id="here" data-track="Buy Now" aria-label="no">no</button>', act: press(), arrive: ['Buy Now'] },
  { name: 'aria-label', html: '<button id="here" aria-label="Close">×</button>', act: press(), arrive: ['Close'] },
  { name: 'aria-labelledby', html: '<b id="a">Delete</b><b id="z">draft</b><button id="here" aria-label="no" aria-labelledby="a z">×</button>', act: press(), arrive: ['Delete draft'] },
  { name: 'alt', html: '<a id="here" href="#a"><img alt="Home" width="20" height="20" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></a>', act: press(), arrive: ['Home'] },
  { name: 'title', html: '<button id="here" title="Share" style="width:20px;height:20px"></button>', act: press(), arrive: ['Share'] },
  { name: 'no-name', html: '<button id="here" style="width:20px;height:20px"></button>', act: press(), arrive: [] },
  { name: 'value-and-properties', html: '<button id="here" data-track-value="49.5" data-track-course="sql">Buy Now</button>', act: press(), arrive: ['Buy Now'], value: 49.5 },

  // What is nobody's business.
  { name: 'private-text', html: '<a id="here" href="#a">Account of <b data-private>Ada</b></a>', act: press(), arrive: ['Account of'] },
  { name: 'typed-text', html: '<input id="here" data-track value="secret">', act: press(), arrive: [] },
  { name: 'editable', html: '<div id="here" data-track contenteditable>secret</div>', act: press(), arrive: [] },
  { name: 'chosen', html: '<div data-track id="here"><select size="2"><option selected>secret</option></select></div>', act: press('option'), arrive: [] },
  { name: 'other-document', html: '<iframe srcdoc="<button>Inside</button>"></iframe>', act: (page) => page.frameLocator('iframe').getByRole('button').click(), arrive: [] },
]
