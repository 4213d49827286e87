import * as cart from './cart'
import { courseOf } from './courses'
import type { Html } from './html'
import { showNumbers } from './numbers'
import { pathOf, routeOf } from './routes'
import { toast } from './toast'
import { cartBox, foundText, previewBox, results, view } from './views'

const main = byId('main')
const searchForm = byId<HTMLFormElement>('search')
const searchText = byId<HTMLInputElement>('search-text')
const cartCount = byId('cart-count')
const cartDialog = byId<HTMLDialogElement>('cart')
const preview = byId<HTMLDialogElement>('preview')

// Pages

let shown = ''

function address(): string {
  return location.pathname + location.search
}

function showPage(): void {
  shown = address()
  const route = routeOf(location)
  const { title, body } = view(route)
  document.title = title
  searchText.value = route.page === 'catalogue' ? route.query : ''
  put(main, body)
  showFound()
}

function go(path: string): void {
  history.pushState(null, '', path)
  showPage()
  scrollTo({ top: 0, behavior: 'instant' })
  main.querySelector('h1')?.focus({ preventScroll: true })
}

window.addEventListener('popstate', () => {
  // A link within the page comes by here too, and has nothing to render.
  if (address() !== shown) {
    showPage()
  }
})

document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest('a')
  const plain = !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
  if (link && plain && link.origin === location.origin && link.pathname.startsWith('/demo/') && !link.hash) {
    event.preventDefault()
    go(link.pathname + link.search)
  }
})

// Search

function showFound(): void {
  const found = document.getElementById('found')
  if (found) {
    found.textContent = foundText(searchText.value.trim())
  }
}

function showResults(query: string): void {
  history.replaceState(null, '', pathOf({ page: 'catalogue', query }))
  shown = address()
  put(byId('results'), results(query))
  showFound()
}

searchText.addEventListener('input', () => {
  if (document.getElementById('results')) {
    showResults(searchText.value.trim())
  }
})

searchForm.addEventListener('submit', (event) => {
  event.preventDefault()
  const query = searchText.value.trim()
  if (!document.getElementById('results')) {
    go(pathOf({ page: 'catalogue', query }))
  }
  byId('courses').scrollIntoView()
})

// What can be pressed

const acts: Record<string, (pressed: HTMLElement) => void> = {
  enroll(pressed) {
    const course = courseOf(pressed.dataset['trackCourse'] ?? '')
    if (course) {
      cart.enroll(course.slug)
      byId(`${course.slug}-enrolled`).hidden = false
      toast(`You are in: ${course.title}.`, `“${course.lessons[0]!.title}” is waiting for you.`)
    }
  },
  buy(pressed) {
    const course = courseOf(pressed.dataset['trackCourse'] ?? '')
    if (course) {
      cart.buy(course.slug)
      showCart()
      toast('In your cart.', `${course.title}, with ${course.teacher}.`)
    }
  },
  remove(pressed) {
    cart.remove(pressed.dataset['course'] ?? '')
    showCart()
    cartDialog.querySelector('button')?.focus()
  },
  checkout() {
    cart.empty()
    showCart()
    cartDialog.close()
    toast('Thank you!', 'This is a demonstration, so nothing was charged.')
  },
  preview(pressed) {
    const course = courseOf(pressed.dataset['course'] ?? '')
    if (course) {
      put(preview, previewBox(course))
      preview.showModal()
    }
  },
  'show-all'() {
    searchText.value = ''
    showResults('')
  },
}

document.addEventListener('click', (event) => {
  const pressed = (event.target as Element).closest<HTMLElement>('[data-act]')
  const act = pressed && acts[pressed.dataset['act'] ?? '']
  if (act) {
    event.preventDefault()
    act(pressed)
  }
})

function showCart(): void {
  const seats = cart.seatsIn()
  cartCount.textContent = String(seats)
  cartCount.hidden = seats === 0
  byId('cart-button').setAttribute('aria-label', seats ? `Cart, ${seats} in it` : 'Cart')
  // A new start for the animation of the count.
  cartCount.replaceWith(cartCount)
  put(cartDialog, cartBox())
}

byId('cart-button').addEventListener('click', () => cartDialog.showModal())

for (const dialog of [cartDialog, preview]) {
  // The backdrop belongs to the dialog; what is in it has elements of its own.
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
}

byId<HTMLFormElement>('letter').addEventListener('submit', (event) => {
  event.preventDefault()
  ;(event.target as HTMLFormElement).reset()
  toast('Welcome!', 'The next letter comes on the first of the month.')
})

// Start

showPage()
showCart()
void showNumbers()

function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id)
  if (!element) {
    throw new Error(`The page has no #${id}`)
  }
  return element as T
}

function put(place: Element, { text }: Html): void {
  place.innerHTML = text
}
