"""The menu of a mailbox: whoever owns it listens, and sets it up (SPEC 8.9).

Only phones of our own users get here, and only to what is theirs: nobody outside can guess PINs,
and no stolen mailbox pays for calls of strangers (ADR 0038).
"""

from dataclasses import dataclass, replace

from callwright.apps.board import Board
from callwright.apps.delivery import Delivery
from callwright.apps.voicemail.access import let_in
from callwright.apps.voicemail.keys import ask
from callwright.apps.voicemail.phrases import Voice, voice_in
from callwright.apps.voicemail.playback import hear_messages
from callwright.apps.voicemail.settings import change_greetings, change_pin
from callwright.calls.record import CallResult
from callwright.domains.voicemail.rules import is_out_of_office, languages_of
from callwright.kernel.ids import MailboxId, UserId
from callwright.kernel.limits.voicemail import VOICEMAIL_MENU_STEPS_MAX
from callwright.kernel.prompt import Prompt
from callwright.kernel.reason import Reason
from callwright.routing.mailboxes import shared_mailboxes, voicemail_policy
from callwright.routing.request import ListenToVoicemail
from callwright.routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is in which mailbox."""

    board: Board
    delivery: Delivery
    user: UserId
    mailbox: MailboxId
    voice: Voice

    @property
    def is_own(self) -> bool:
        return self.mailbox == MailboxId(self.user)


async def listen(board: Board, delivery: Delivery, wanted: ListenToVoicemail) -> None:
    call, leg = delivery.call, delivery.leg
    if not call.answer(leg):
        return
    delivery.reached()
    call.settle(CallResult.ANSWERED, Reason.NORMAL)
    call.story.via = call.story.via or f"mailbox of {wanted.user}"
    leg.media.forget_digits()
    voice = voice_in(_language_of(delivery.snapshot, wanted.user))
    listener = Listener(board, delivery, wanted.user, MailboxId(wanted.user), voice)
    if listener.mailbox not in delivery.snapshot.mailboxes:
        await leg.media.play(voice.say(voice.words.no_mailbox))
    elif await let_in(listener) and not await _serve(listener):
        return
    call.settle(CallResult.ANSWERED, Reason.NORMAL)
    call.drop(leg, Reason.NORMAL)


def _language_of(snapshot: Snapshot, user: UserId) -> str:
    """In which the user's own mailbox greets; the menu speaks it of shared ones, too."""
    mailbox = snapshot.mailboxes.get(MailboxId(user))
    if mailbox is None:
        return snapshot.language
    return languages_of(mailbox, voicemail_policy(snapshot, mailbox), snapshot.language)[0]


async def _serve(listener: Listener) -> bool:
    """False: the call went on to somebody else."""
    media = listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    places = [listener.mailbox, *shared_mailboxes(listener.delivery.snapshot, listener.user)]
    opened = {listener.mailbox}
    await media.play_until_digit(await _counted(listener))
    for _ in range(VOICEMAIL_MENU_STEPS_MAX):
        menu = [say(words.main_menu if listener.is_own else words.shared_menu)]
        if listener.is_own and len(places) > 1:
            menu.append(say(words.shared_hint))
        match await ask(media, *menu):
            case "1":
                if not await hear_messages(listener):
                    return False
            case "2" if listener.is_own:
                await change_greetings(listener)
            case "3" if listener.is_own:
                await _switch_out_of_office(listener)
            case "4" if listener.is_own:
                await change_pin(listener)
            case "6" if len(places) > 1:
                at = (places.index(listener.mailbox) + 1) % len(places)
                listener = replace(listener, mailbox=places[at])
                if places[at] not in opened and not await let_in(listener):
                    return True
                opened.add(places[at])
                await media.play_until_digit(await _counted(listener))
            case None | "*":
                await media.play(say(words.goodbye))
                return True
            case _:
                continue
    return True


async def _counted(listener: Listener) -> Prompt:
    held = await listener.board.messages.holdings(listener.mailbox)
    mailbox = listener.delivery.snapshot.mailboxes[listener.mailbox]
    return listener.voice.counted(held, None if listener.is_own else mailbox.name)


async def _switch_out_of_office(listener: Listener) -> None:
    """On, until it is switched off; off, whatever the file says."""
    board, snapshot = listener.board, listener.delivery.snapshot
    mailbox = snapshot.mailboxes[listener.mailbox]
    media = listener.delivery.leg.media
    say, words = listener.voice.say, listener.voice.words
    policy = voicemail_policy(snapshot, mailbox)
    if not policy.edit_answer_rules:
        await media.play_until_digit(say(words.not_allowed))
        return
    choice = await board.messages.choice(mailbox.id)
    now = board.clock.utc()
    was_on = is_out_of_office(mailbox, policy, choice, zone=snapshot.zone, now=now)
    chosen = replace(choice, out_of_office=not was_on, until=None)
    await board.messages.choose(mailbox.id, chosen)
    await media.play_until_digit(say(words.in_office if was_on else words.out_of_office))
