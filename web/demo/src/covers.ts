import { Html } from './html'

// Drawn by hand on 400 × 225, in flat colours that hold on light and dark pages.
const drawings: Record<string, string> = {
  'sourdough-from-scratch': `
    <rect width="400" height="225" fill="#f4c773"/>
    <circle cx="318" cy="62" r="92" fill="#f8d995"/>
    <rect y="172" width="400" height="53" fill="#c9793a"/>
    <rect y="172" width="400" height="7" fill="#b5672c"/>
    <ellipse cx="200" cy="180" rx="150" ry="12" fill="#8f4c1e" opacity=".45"/>
    <path d="M62 168c0-66 60-112 138-112s138 46 138 112c0 10-8 14-18 14H80c-10 0-18-4-18-14Z" fill="#a9581f"/>
    <path d="M78 158c4-52 54-88 122-88s118 36 122 88c-30-26-72-38-122-38s-92 12-122 38Z" fill="#c87430"/>
    <g fill="none" stroke="#f9e3b4" stroke-width="9" stroke-linecap="round">
      <path d="M112 132c18-26 40-38 62-42"/><path d="M164 138c14-30 34-44 58-50"/><path d="M218 140c10-26 26-38 48-42"/>
    </g>
    <g stroke="#7d5312" stroke-width="4" stroke-linecap="round" fill="#b98622">
      <path d="M52 122V30" fill="none"/>
      <path d="M52 40c-14-2-20-12-20-24 12 2 20 10 20 24Zm0 0c14-2 20-12 20-24-12 2-20 10-20 24Z" stroke="none"/>
      <path d="M52 64c-14-2-20-12-20-24 12 2 20 10 20 24Zm0 0c14-2 20-12 20-24-12 2-20 10-20 24Z" stroke="none"/>
      <path d="M52 88c-14-2-20-12-20-24 12 2 20 10 20 24Zm0 0c14-2 20-12 20-24-12 2-20 10-20 24Z" stroke="none"/>
    </g>`,
  'typography-for-screens': `
    <rect width="400" height="225" fill="#f2ece1"/>
    <rect x="286" width="114" height="225" fill="#e5462f"/>
    <g stroke="#8fa3c7" stroke-width="2"><path d="M0 52h400M0 96h400" stroke-dasharray="6 6"/><path d="M0 164h400"/><path d="M0 204h400" stroke-dasharray="6 6"/></g>
    <path d="M38 164 88 52h26l50 112h-30l-9-22H76l-9 22Zm48-46h29l-14.5-36Z" fill="#1b1b22"/>
    <path d="M214 92c13 0 22 5 28 13V94h28v66c0 29-19 45-51 45-27 0-45-12-48-32h28c2 7 9 11 20 11 15 0 23-8 23-22v-9c-6 8-15 13-28 13-25 0-42-16-42-37s17-37 42-37Zm5 22c-12 0-20 6-20 15s8 15 20 15 21-6 21-15-9-15-21-15Z" fill="#1b1b22"/>
    <circle cx="343" cy="78" r="28" fill="#f2ece1"/>
    <g fill="#f2ece1"><rect x="309" y="130" width="68" height="8" rx="4"/><rect x="309" y="148" width="68" height="8" rx="4"/><rect x="309" y="166" width="68" height="8" rx="4"/><rect x="309" y="184" width="42" height="8" rx="4"/></g>`,
  'practical-sql': `
    <rect width="400" height="225" fill="#1f3a8a"/>
    <circle cx="40" cy="210" r="130" fill="#2747a6"/>
    <g>
      <path d="M44 66v96c0 16 29 28 64 28s64-12 64-28V66Z" fill="#5ec2ff"/>
      <path d="M44 98c0 16 29 28 64 28s64-12 64-28v10c0 16-29 28-64 28s-64-12-64-28Zm0 32c0 16 29 28 64 28s64-12 64-28v10c0 16-29 28-64 28s-64-12-64-28Z" fill="#2b8fd6"/>
      <ellipse cx="108" cy="66" rx="64" ry="28" fill="#a9e1ff"/>
    </g>
    <path d="M182 116h28m-9-9 9 9-9 9" fill="none" stroke="#ffd36b" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>
    <rect x="222" y="44" width="146" height="140" rx="12" fill="#fff"/>
    <path d="M222 56a12 12 0 0 1 12-12h122a12 12 0 0 1 12 12v18H222Z" fill="#ffd36b"/>
    <rect x="222" y="104" width="146" height="28" fill="#dbe7ff"/>
    <g fill="#1f3a8a"><rect x="236" y="54" width="32" height="9" rx="4.5"/><rect x="288" y="54" width="66" height="9" rx="4.5"/></g>
    <g fill="#9fb2dd"><rect x="236" y="85" width="24" height="8" rx="4"/><rect x="288" y="85" width="52" height="8" rx="4"/><rect x="236" y="142" width="28" height="8" rx="4"/><rect x="288" y="142" width="40" height="8" rx="4"/><rect x="236" y="164" width="20" height="8" rx="4"/><rect x="288" y="164" width="58" height="8" rx="4"/></g>
    <g fill="#1f3a8a"><rect x="236" y="114" width="30" height="8" rx="4"/><rect x="288" y="114" width="62" height="8" rx="4"/></g>`,
  'night-photography': `
    <rect width="400" height="225" fill="#141433"/>
    <rect y="92" width="400" height="133" fill="#1d1d4a"/>
    <rect y="136" width="400" height="89" fill="#2d2863"/>
    <g fill="none" stroke="#8d86e8" stroke-width="2.5" stroke-linecap="round" opacity=".75">
      <path d="M120 60a60 60 0 0 1 60-46"/><path d="M92 96a92 92 0 0 1 26-66"/><path d="M206 30a56 56 0 0 1 30 40"/><path d="M62 58A130 130 0 0 1 90 16"/><path d="M262 42a104 104 0 0 1 14 46"/><path d="M150 84a36 36 0 0 1 8-24"/>
    </g>
    <circle cx="322" cy="56" r="30" fill="#ffe9a8"/><circle cx="334" cy="48" r="26" fill="#141433"/>
    <g fill="#fff"><circle cx="44" cy="34" r="2"/><circle cx="176" cy="52" r="2.5"/><circle cx="236" cy="22" r="2"/><circle cx="376" cy="104" r="2"/><circle cx="26" cy="98" r="2.5"/><circle cx="272" cy="112" r="2"/><circle cx="386" cy="24" r="2"/><circle cx="140" cy="112" r="1.5"/></g>
    <path d="m0 176 62-58 44 40 56-66 74 78 46-40 60 56 58-34v73H0Z" fill="#403a86"/>
    <path d="m162 92 30 31-14 8-14-10-16 10-8-14Z" fill="#cfd0ff"/>
    <path d="M0 200c60-26 120-24 190-6 70 17 140 12 210-14v45H0Z" fill="#0d0d24"/>
    <g fill="#0d0d24" stroke="#0d0d24" stroke-width="4" stroke-linecap="round"><path d="m300 186-14 34m14-34 14 34m-14-34v34" fill="none"/><rect x="284" y="166" width="32" height="22" rx="4"/><circle cx="300" cy="177" r="6" fill="#ffd36b" stroke="none"/></g>`,
  'houseplants-that-live': `
    <rect width="400" height="225" fill="#cfe8d5"/>
    <rect x="226" y="18" width="146" height="136" rx="72" fill="#f6fbf4"/>
    <path d="M299 18v136M226 92h146" stroke="#cfe8d5" stroke-width="6"/>
    <rect y="178" width="400" height="47" fill="#8a5a3c"/><rect y="178" width="400" height="8" fill="#a26d4b"/>
    <g fill="none" stroke="#1f5a3d" stroke-width="5" stroke-linecap="round"><path d="M112 136V70"/><path d="M112 128C98 100 82 92 66 88"/><path d="M112 128c14-26 28-34 46-36"/></g>
    <path d="M112 84c-28-16-32-44-20-70 28 10 40 38 20 70Z" fill="#2f8a5b"/>
    <path d="M74 96c-26 8-44-2-54-24 26-10 48-2 54 24Z" fill="#3fa56f"/>
    <path d="M150 98c24 12 46 4 58-18-24-12-48-6-58 18Z" fill="#3fa56f"/>
    <path d="M112 84c0-24-6-44-14-60" stroke="#1f5a3d" stroke-width="3" fill="none"/>
    <path d="M74 132h76l-9 46H83Z" fill="#e8744f"/><rect x="68" y="124" width="88" height="16" rx="5" fill="#f08a66"/>
    <g fill="#2f8a5b"><path d="M256 150c-6-30-2-52 6-76 10 24 12 48 4 76Z"/><path d="M270 150c0-30 8-50 24-70 2 28-4 50-14 70Z" fill="#3fa56f"/><path d="M250 150c-4-24-14-40-30-52 0 24 6 40 20 52Z" fill="#3fa56f"/></g>
    <path d="M230 146h64v22a10 10 0 0 1-10 10h-44a10 10 0 0 1-10-10Z" fill="#fff"/><path d="M230 156h64v8h-64Z" fill="#f2c14e"/>
    <g><path d="M338 178v-34" stroke="#1f5a3d" stroke-width="4"/><ellipse cx="338" cy="136" rx="20" ry="26" fill="#2f8a5b"/><g stroke="#dff2e4" stroke-width="2"><path d="M338 116v40M330 120v32M346 120v32"/></g><path d="M318 152h40l-5 26h-30Z" fill="#4a6fa5"/></g>`,
  'speaking-without-panic': `
    <rect width="400" height="225" fill="#f7b9c4"/>
    <g fill="none" stroke="#f3839a" stroke-width="14"><circle cx="136" cy="96" r="84"/><circle cx="136" cy="96" r="122"/><circle cx="136" cy="96" r="160"/></g>
    <circle cx="136" cy="96" r="56" fill="#f3839a"/>
    <g><path d="M136 140v85" stroke="#3b1330" stroke-width="10"/><path d="M98 92v6a38 38 0 0 0 76 0v-6" fill="none" stroke="#3b1330" stroke-width="8" stroke-linecap="round"/>
    <rect x="110" y="30" width="52" height="92" rx="26" fill="#3b1330"/><g stroke="#f7b9c4" stroke-width="4" stroke-linecap="round"><path d="M122 54h28M122 68h28M122 82h28"/></g></g>
    <path d="M238 52a20 20 0 0 1 20-20h96a20 20 0 0 1 20 20v44a20 20 0 0 1-20 20h-74l-26 22v-23a20 20 0 0 1-16-19Z" fill="#fff"/>
    <g fill="#3b1330"><circle cx="282" cy="74" r="8"/><circle cx="308" cy="74" r="8"/><circle cx="334" cy="74" r="8"/></g>
    <path d="M270 162a14 14 0 0 1 14-14h66a14 14 0 0 1 14 14v24a14 14 0 0 1-14 14h-4v16l-20-16h-42a14 14 0 0 1-14-14Z" fill="#5b2a86"/>
    <g fill="#fff"><rect x="288" y="166" width="58" height="6" rx="3"/><rect x="288" y="178" width="36" height="6" rx="3"/></g>`,
}

/** The picture of a course; it says nothing that the title does not. */
export function cover(slug: string): Html {
  return new Html(
    `<svg class="cover" viewBox="0 0 400 225" preserveAspectRatio="xMidYMid slice" aria-hidden="true">${drawings[slug] ?? ''}</svg>`,
  )
}
