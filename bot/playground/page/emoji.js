// The most frequent emoji codes; other codes stay text.

const NAMES = `wave=👋 +1=👍 thumbsup=👍 -1=👎 thumbsdown=👎 tada=🎉 rocket=🚀 eyes=👀 heart=❤️ fire=🔥 star=⭐ sparkles=✨
smile=😄 slightly_smiling_face=🙂 grinning=😀 joy=😂 wink=😉 thinking_face=🤔 cry=😢 pray=🙏 clap=👏 raised_hands=🙌 muscle=💪
white_check_mark=✅ heavy_check_mark=✔️ ballot_box_with_check=☑️ x=❌ no_entry=⛔ no_entry_sign=🚫 warning=⚠️ question=❓
exclamation=❗ information_source=ℹ️ bulb=💡 bell=🔔 no_bell=🔕 mute=🔇 zzz=💤 hourglass=⌛ hourglass_flowing_sand=⏳ alarm_clock=⏰
stopwatch=⏱️ clock1=🕐 calendar=📆 date=📅 spiral_calendar_pad=🗓️ envelope=✉️ email=📧 incoming_envelope=📨 inbox_tray=📥
outbox_tray=📤 package=📦 memo=📝 pencil=📝 clipboard=📋 page_facing_up=📄 bookmark=🔖 link=🔗 paperclip=📎 lock=🔒 unlock=🔓
key=🔑 shield=🛡️ gear=⚙️ wrench=🔧 hammer_and_wrench=🛠️ mag=🔍 bust_in_silhouette=👤 busts_in_silhouette=👥 robot_face=🤖
office=🏢 house=🏠 file_folder=📁 open_file_folder=📂 card_file_box=🗃️ floppy_disk=💾 computer=💻 iphone=📱 globe_with_meridians=🌐
credit_card=💳 moneybag=💰 receipt=🧾 chart_with_upwards_trend=📈 crown=👑 handshake=🤝 door=🚪 seedling=🌱 arrow_right=➡️
arrow_left=⬅️ arrow_up=⬆️ arrow_down=⬇️ recycle=♻️ red_circle=🔴 large_green_circle=🟢 large_yellow_circle=🟡 large_blue_circle=🔵
white_circle=⚪ black_circle=⚫ small_blue_diamond=🔹 point_right=👉 point_down=👇 leftwards_arrow_with_hook=↩️ wastebasket=🗑️`;

const PICTURES = new Map(NAMES.split(/\s+/).map((pair) => pair.split("=")));

export const emoji = (name) => PICTURES.get(name) ?? null;

export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (code, name) => emoji(name) ?? code);
