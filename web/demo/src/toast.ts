const SHOWN_FOR = 4_500 // ms
const MOST = 3

/** Says something for a moment, also to screen readers: the list is a live region. */
export function toast(text: string, detail = ''): void {
  const list = document.getElementById('toasts')!
  const note = document.createElement('p')
  note.className = 'toast'
  note.append(Object.assign(document.createElement('strong'), { textContent: text }), detail)
  list.append(note)
  while (list.children.length > MOST) {
    list.firstElementChild!.remove()
  }
  setTimeout(() => note.classList.add('toast-leaving'), SHOWN_FOR - 300)
  setTimeout(() => note.remove(), SHOWN_FOR)
}
