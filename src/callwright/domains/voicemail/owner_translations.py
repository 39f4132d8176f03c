"""The sentences of a mailbox's menu, by primary language tag; see `OwnerWords` for their order."""

from collections.abc import Mapping

from callwright.domains.voicemail.owner_words import OwnerWords
from callwright.kernel.languages import in_language

OWNER_WORDS: Mapping[str, OwnerWords] = {
    "en": OwnerWords(
        enter_pin="Please enter your PIN, then press hash.",
        wrong_pin="That PIN is not right.",
        locked="Too many wrong PINs were entered. Please try again later. Goodbye.",
        no_pin="This mailbox has no PIN yet. Please ask your administrator. Goodbye.",
        no_mailbox="You have no mailbox. Goodbye.",
        none="You have no messages.",
        one="You have {new} new and {old} old message.",
        many="You have {new} new and {old} old messages.",
        none_in="{mailbox} has no messages.",
        one_in="{mailbox} has {new} new and {old} old message.",
        many_in="{mailbox} has {new} new and {old} old messages.",
        main_menu="To listen to your messages, press 1. For greetings, press 2. To say whether "
        "you are in the office, press 3. To change your PIN, press 4. To hang up, press star.",
        shared_hint="For the next mailbox that you share, press 6.",
        shared_menu="To listen to the messages, press 1. For the next mailbox, press 6. To hang "
        "up, press star.",
        message_menu="To hear it again, press 1. To save it, press 2. To delete it, press 3. To "
        "call back, press 4. To forward it, press 5. For the next message, press 6. For the main "
        "menu, press star.",
        new_message="New message.",
        heading="From {caller}, {weekday} the {day}., {time}.",
        weekdays=(
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        ),
        no_more="There are no more messages.",
        saved="Saved.",
        deleted="Deleted.",
        gone="This message cannot be heard any more.",
        no_way_back="This caller cannot be called back.",
        forward_to="Enter the extension to forward to, then press hash.",
        nobody_there="Nobody with a mailbox has this extension.",
        protected="This message is protected and stays in this mailbox.",
        comment="Speak a comment after the tone, then press hash. For none, press hash at once.",
        forwarded="Forwarded.",
        not_forwarded="This message cannot be forwarded.",
        full_there="That mailbox is full.",
        greeting_menu="To record your greeting, press 1. To record the one for when you are out "
        "of the office, press 2. To remove your recordings, press 3. To choose what callers may "
        "do, press 4. To go back, press star.",
        speak_greeting="Speak your greeting after the tone, then press hash.",
        keep_greeting="To keep it, press 1. To record it again, press 2.",
        removed="Your recordings are removed.",
        not_allowed="Your organisation does not let you change this.",
        in_office="Callers hear that you are in the office.",
        out_of_office="Callers hear that you are out of the office.",
        new_pin="Enter your new PIN of 4 to 12 digits, then press hash.",
        same_pin="Enter it once more, then press hash.",
        different_pins="These were two different PINs. Nothing was changed.",
        bad_pin="This PIN is too easy to guess. Nothing was changed.",
        pin_changed="Your PIN is changed.",
        goodbye="Goodbye.",
        takes_messages="Callers may leave a message.",
        turns_away="Callers are turned away.",
        greets_only="Callers hear your greeting and leave no message.",
        greets_and_leads_on="Callers hear your greeting, and a key leads them on.",
        takes_messages_or_leads_on="Callers may leave a message, or press a key that leads them "
        "on.",
    ),
    "de": OwnerWords(
        enter_pin="Bitte geben Sie Ihre PIN ein und drücken Sie die Rautetaste.",
        wrong_pin="Diese PIN ist nicht richtig.",
        locked="Es wurde zu oft eine falsche PIN eingegeben. Bitte versuchen Sie es später "
        "noch einmal. Auf Wiederhören.",
        no_pin="Diese Mailbox hat noch keine PIN. Bitte fragen Sie Ihren Administrator. Auf "
        "Wiederhören.",
        no_mailbox="Sie haben keine Mailbox. Auf Wiederhören.",
        none="Sie haben keine Nachrichten.",
        one="Sie haben {new} neue und {old} alte Nachricht.",
        many="Sie haben {new} neue und {old} alte Nachrichten.",
        none_in="{mailbox} hat keine Nachrichten.",
        one_in="{mailbox} hat {new} neue und {old} alte Nachricht.",
        many_in="{mailbox} hat {new} neue und {old} alte Nachrichten.",
        main_menu="Um Ihre Nachrichten zu hören, drücken Sie die 1. Für Begrüßungen die 2. Um "
        "anzugeben, ob Sie im Büro sind, die 3. Um Ihre PIN zu ändern, die 4. Um aufzulegen, "
        "drücken Sie die Sterntaste.",
        shared_hint="Für die nächste gemeinsame Mailbox drücken Sie die 6.",
        shared_menu="Um die Nachrichten zu hören, drücken Sie die 1. Für die nächste Mailbox die "
        "6. Um aufzulegen, drücken Sie die Sterntaste.",
        message_menu="Um sie noch einmal zu hören, drücken Sie die 1. Zum Speichern die 2. Zum "
        "Löschen die 3. Um zurückzurufen, die 4. Zum Weiterleiten die 5. Für die nächste "
        "Nachricht die 6. Für das Hauptmenü drücken Sie die Sterntaste.",
        new_message="Neue Nachricht.",
        heading="Von {caller}, {weekday}, der {day}., {time} Uhr.",
        weekdays=(
            "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag",
        ),
        no_more="Es gibt keine weiteren Nachrichten.",
        saved="Gespeichert.",
        deleted="Gelöscht.",
        gone="Diese Nachricht kann nicht mehr angehört werden.",
        no_way_back="Dieser Anrufer kann nicht zurückgerufen werden.",
        forward_to="Geben Sie die Durchwahl ein, an die weitergeleitet wird, und drücken Sie die "
        "Rautetaste.",
        nobody_there="Unter dieser Durchwahl gibt es keine Mailbox.",
        protected="Diese Nachricht ist geschützt und bleibt in dieser Mailbox.",
        comment="Sprechen Sie nach dem Ton einen Kommentar und drücken Sie die Rautetaste. Ohne "
        "Kommentar drücken Sie sofort die Rautetaste.",
        forwarded="Weitergeleitet.",
        not_forwarded="Diese Nachricht kann nicht weitergeleitet werden.",
        full_there="Diese Mailbox ist voll.",
        greeting_menu="Um Ihre Begrüßung aufzunehmen, drücken Sie die 1. Um die Begrüßung für Ihre "
        "Abwesenheit aufzunehmen, die 2. Um Ihre Aufnahmen zu entfernen, die 3. Um zu wählen, was "
        "Anrufer tun können, die 4. Zurück geht es mit der Sterntaste.",
        speak_greeting="Sprechen Sie Ihre Begrüßung nach dem Ton und drücken Sie die Rautetaste.",
        keep_greeting="Um sie zu behalten, drücken Sie die 1. Um sie neu aufzunehmen, die 2.",
        removed="Ihre Aufnahmen sind entfernt.",
        not_allowed="Ihre Organisation erlaubt diese Änderung nicht.",
        in_office="Anrufer hören, dass Sie im Büro sind.",
        out_of_office="Anrufer hören, dass Sie nicht im Büro sind.",
        new_pin="Geben Sie Ihre neue PIN mit 4 bis 12 Ziffern ein und drücken Sie die Rautetaste.",
        same_pin="Geben Sie sie noch einmal ein und drücken Sie die Rautetaste.",
        different_pins="Das waren zwei verschiedene PINs. Es wurde nichts geändert.",
        bad_pin="Diese PIN ist zu leicht zu erraten. Es wurde nichts geändert.",
        pin_changed="Ihre PIN ist geändert.",
        goodbye="Auf Wiederhören.",
        takes_messages="Anrufer können eine Nachricht hinterlassen.",
        turns_away="Anrufer werden abgewiesen.",
        greets_only="Anrufer hören Ihre Begrüßung und hinterlassen keine Nachricht.",
        greets_and_leads_on="Anrufer hören Ihre Begrüßung, und eine Taste führt sie weiter.",
        takes_messages_or_leads_on="Anrufer können eine Nachricht hinterlassen oder eine Taste "
        "drücken, die sie weiterführt.",
    ),
    "fr": OwnerWords(
        enter_pin="Veuillez saisir votre code, puis appuyez sur dièse.",
        wrong_pin="Ce code n'est pas correct.",
        locked="Trop de codes erronés ont été saisis. Veuillez réessayer plus tard. Au revoir.",
        no_pin="Cette boîte vocale n'a pas encore de code. Veuillez contacter votre "
        "administrateur. Au revoir.",
        no_mailbox="Vous n'avez pas de boîte vocale. Au revoir.",
        none="Vous n'avez aucun message.",
        one="Vous avez {new} nouveau et {old} ancien message.",
        many="Vous avez {new} nouveaux et {old} anciens messages.",
        none_in="{mailbox} n'a aucun message.",
        one_in="{mailbox} a {new} nouveau et {old} ancien message.",
        many_in="{mailbox} a {new} nouveaux et {old} anciens messages.",
        main_menu="Pour écouter vos messages, appuyez sur 1. Pour les annonces, sur 2. Pour "
        "indiquer si vous êtes au bureau, sur 3. Pour changer votre code, sur 4. Pour "
        "raccrocher, appuyez sur étoile.",
        shared_hint="Pour la boîte partagée suivante, appuyez sur 6.",
        shared_menu="Pour écouter les messages, appuyez sur 1. Pour la boîte suivante, sur 6. "
        "Pour raccrocher, appuyez sur étoile.",
        message_menu="Pour le réécouter, appuyez sur 1. Pour le conserver, sur 2. Pour "
        "l'effacer, sur 3. Pour rappeler, sur 4. Pour le transférer, sur 5. Pour le message "
        "suivant, sur 6. Pour le menu principal, appuyez sur étoile.",
        new_message="Nouveau message.",
        heading="De {caller}, {weekday} {day}, {time}.",
        weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        no_more="Il n'y a plus de messages.",
        saved="Message conservé.",
        deleted="Message effacé.",
        gone="Ce message ne peut plus être écouté.",
        no_way_back="Cette personne ne peut pas être rappelée.",
        forward_to="Saisissez le numéro de poste du destinataire, puis appuyez sur dièse.",
        nobody_there="Aucune boîte vocale ne correspond à ce poste.",
        protected="Ce message est protégé et reste dans cette boîte vocale.",
        comment="Enregistrez un commentaire après le bip, puis appuyez sur dièse. Pour n'en "
        "laisser aucun, appuyez tout de suite sur dièse.",
        forwarded="Message transféré.",
        not_forwarded="Ce message ne peut pas être transféré.",
        full_there="Cette boîte vocale est pleine.",
        greeting_menu="Pour enregistrer votre annonce, appuyez sur 1. Pour enregistrer celle de "
        "votre absence, sur 2. Pour supprimer vos enregistrements, sur 3. Pour choisir ce que "
        "les appelants peuvent faire, sur 4. Pour revenir, appuyez sur étoile.",
        speak_greeting="Enregistrez votre annonce après le bip, puis appuyez sur dièse.",
        keep_greeting="Pour la conserver, appuyez sur 1. Pour la refaire, sur 2.",
        removed="Vos enregistrements sont supprimés.",
        not_allowed="Votre organisation ne permet pas ce changement.",
        in_office="Les appelants entendent que vous êtes au bureau.",
        out_of_office="Les appelants entendent que vous êtes absent du bureau.",
        new_pin="Saisissez votre nouveau code de 4 à 12 chiffres, puis appuyez sur dièse.",
        same_pin="Saisissez-le encore une fois, puis appuyez sur dièse.",
        different_pins="Les deux codes sont différents. Rien n'a été changé.",
        bad_pin="Ce code est trop facile à deviner. Rien n'a été changé.",
        pin_changed="Votre code est changé.",
        goodbye="Au revoir.",
        takes_messages="Les appelants peuvent laisser un message.",
        turns_away="Les appels sont refusés.",
        greets_only="Les appelants entendent votre annonce et ne laissent pas de message.",
        greets_and_leads_on="Les appelants entendent votre annonce, et une touche les dirige "
        "ailleurs.",
        takes_messages_or_leads_on="Les appelants peuvent laisser un message, ou appuyer sur une "
        "touche qui les dirige ailleurs.",
    ),
    "es": OwnerWords(
        enter_pin="Introduzca su PIN y pulse almohadilla.",
        wrong_pin="Ese PIN no es correcto.",
        locked="Se han introducido demasiados PIN incorrectos. Inténtelo más tarde. Adiós.",
        no_pin="Este buzón todavía no tiene PIN. Consulte a su administrador. Adiós.",
        no_mailbox="Usted no tiene buzón. Adiós.",
        none="No tiene mensajes.",
        one="Tiene {new} mensaje nuevo y {old} antiguo.",
        many="Tiene {new} mensajes nuevos y {old} antiguos.",
        none_in="{mailbox} no tiene mensajes.",
        one_in="{mailbox} tiene {new} mensaje nuevo y {old} antiguo.",
        many_in="{mailbox} tiene {new} mensajes nuevos y {old} antiguos.",
        main_menu="Para escuchar sus mensajes, pulse 1. Para los saludos, pulse 2. Para indicar "
        "si está en la oficina, pulse 3. Para cambiar su PIN, pulse 4. Para colgar, pulse "
        "asterisco.",
        shared_hint="Para el siguiente buzón compartido, pulse 6.",
        shared_menu="Para escuchar los mensajes, pulse 1. Para el siguiente buzón, pulse 6. Para "
        "colgar, pulse asterisco.",
        message_menu="Para volver a escucharlo, pulse 1. Para guardarlo, pulse 2. Para borrarlo, "
        "pulse 3. Para devolver la llamada, pulse 4. Para reenviarlo, pulse 5. Para el mensaje "
        "siguiente, pulse 6. Para el menú principal, pulse asterisco.",
        new_message="Mensaje nuevo.",
        heading="De {caller}, {weekday} {day}, {time}.",
        weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        no_more="No hay más mensajes.",
        saved="Guardado.",
        deleted="Borrado.",
        gone="Este mensaje ya no se puede escuchar.",
        no_way_back="No se puede devolver la llamada a esta persona.",
        forward_to="Introduzca la extensión a la que desea reenviarlo y pulse almohadilla.",
        nobody_there="Ningún buzón corresponde a esa extensión.",
        protected="Este mensaje está protegido y se queda en este buzón.",
        comment="Grabe un comentario después del tono y pulse almohadilla. Si no desea dejar "
        "ninguno, pulse almohadilla enseguida.",
        forwarded="Reenviado.",
        not_forwarded="Este mensaje no se puede reenviar.",
        full_there="Ese buzón está lleno.",
        greeting_menu="Para grabar su saludo, pulse 1. Para grabar el de cuando está fuera de la "
        "oficina, pulse 2. Para eliminar sus grabaciones, pulse 3. Para elegir qué pueden hacer "
        "quienes llaman, pulse 4. Para volver, pulse asterisco.",
        speak_greeting="Grabe su saludo después del tono y pulse almohadilla.",
        keep_greeting="Para conservarlo, pulse 1. Para grabarlo de nuevo, pulse 2.",
        removed="Sus grabaciones se han eliminado.",
        not_allowed="Su organización no permite cambiar esto.",
        in_office="Quienes llaman oyen que usted está en la oficina.",
        out_of_office="Quienes llaman oyen que usted está fuera de la oficina.",
        new_pin="Introduzca su nuevo PIN de 4 a 12 cifras y pulse almohadilla.",
        same_pin="Introdúzcalo otra vez y pulse almohadilla.",
        different_pins="Los dos PIN son distintos. No se ha cambiado nada.",
        bad_pin="Ese PIN es demasiado fácil de adivinar. No se ha cambiado nada.",
        pin_changed="Su PIN se ha cambiado.",
        goodbye="Adiós.",
        takes_messages="Quienes llaman pueden dejar un mensaje.",
        turns_away="Las llamadas se rechazan.",
        greets_only="Quienes llaman oyen su saludo y no dejan mensaje.",
        greets_and_leads_on="Quienes llaman oyen su saludo, y una tecla les lleva a otra persona.",
        takes_messages_or_leads_on="Quienes llaman pueden dejar un mensaje o pulsar una tecla que "
        "les lleva a otra persona.",
    ),
    "it": OwnerWords(
        enter_pin="Inserite il vostro PIN, poi premete cancelletto.",
        wrong_pin="Questo PIN non è corretto.",
        locked="Sono stati inseriti troppi PIN errati. Riprovate più tardi. Arrivederci.",
        no_pin="Questa casella non ha ancora un PIN. Rivolgetevi al vostro amministratore. "
        "Arrivederci.",
        no_mailbox="Non avete una casella vocale. Arrivederci.",
        none="Non avete messaggi.",
        one="Messaggi nuovi: {new}. Messaggi già ascoltati: {old}.",
        many="Messaggi nuovi: {new}. Messaggi già ascoltati: {old}.",
        none_in="{mailbox} non ha messaggi.",
        one_in="{mailbox}. Messaggi nuovi: {new}. Messaggi già ascoltati: {old}.",
        many_in="{mailbox}. Messaggi nuovi: {new}. Messaggi già ascoltati: {old}.",
        main_menu="Per ascoltare i messaggi, premete 1. Per gli annunci, premete 2. Per indicare "
        "se siete in ufficio, premete 3. Per cambiare il PIN, premete 4. Per riagganciare, "
        "premete asterisco.",
        shared_hint="Per la prossima casella condivisa, premete 6.",
        shared_menu="Per ascoltare i messaggi, premete 1. Per la prossima casella, premete 6. Per "
        "riagganciare, premete asterisco.",
        message_menu="Per riascoltarlo, premete 1. Per salvarlo, premete 2. Per cancellarlo, "
        "premete 3. Per richiamare, premete 4. Per inoltrarlo, premete 5. Per il messaggio "
        "successivo, premete 6. Per il menu principale, premete asterisco.",
        new_message="Nuovo messaggio.",
        heading="Da {caller}, {weekday} {day}, {time}.",
        weekdays=(
            "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica",
        ),
        no_more="Non ci sono altri messaggi.",
        saved="Salvato.",
        deleted="Cancellato.",
        gone="Questo messaggio non si può più ascoltare.",
        no_way_back="Non è possibile richiamare questa persona.",
        forward_to="Inserite l'interno a cui inoltrarlo, poi premete cancelletto.",
        nobody_there="Nessuna casella corrisponde a questo interno.",
        protected="Questo messaggio è protetto e resta in questa casella.",
        comment="Registrate un commento dopo il segnale acustico, poi premete cancelletto. Per "
        "non lasciarne, premete subito cancelletto.",
        forwarded="Inoltrato.",
        not_forwarded="Questo messaggio non si può inoltrare.",
        full_there="Quella casella è piena.",
        greeting_menu="Per registrare il vostro annuncio, premete 1. Per registrare quello di "
        "quando siete fuori ufficio, premete 2. Per eliminare le registrazioni, premete 3. Per "
        "scegliere che cosa può fare chi chiama, premete 4. Per tornare indietro, premete "
        "asterisco.",
        speak_greeting="Registrate l'annuncio dopo il segnale acustico, poi premete cancelletto.",
        keep_greeting="Per conservarlo, premete 1. Per registrarlo di nuovo, premete 2.",
        removed="Le vostre registrazioni sono eliminate.",
        not_allowed="La vostra organizzazione non permette di cambiarlo.",
        in_office="Chi chiama sente che siete in ufficio.",
        out_of_office="Chi chiama sente che siete fuori ufficio.",
        new_pin="Inserite il nuovo PIN, da 4 a 12 cifre, poi premete cancelletto.",
        same_pin="Inseritelo ancora una volta, poi premete cancelletto.",
        different_pins="I due PIN sono diversi. Non è cambiato nulla.",
        bad_pin="Questo PIN è troppo facile da indovinare. Non è cambiato nulla.",
        pin_changed="Il vostro PIN è cambiato.",
        goodbye="Arrivederci.",
        takes_messages="Chi chiama può lasciare un messaggio.",
        turns_away="Le chiamate vengono rifiutate.",
        greets_only="Chi chiama sente il vostro annuncio e non lascia messaggi.",
        greets_and_leads_on="Chi chiama sente il vostro annuncio, e un tasto porta altrove.",
        takes_messages_or_leads_on="Chi chiama può lasciare un messaggio, o premere un tasto che "
        "porta altrove.",
    ),
    "nl": OwnerWords(
        enter_pin="Toets uw pincode in, gevolgd door een hekje.",
        wrong_pin="Deze pincode is niet juist.",
        locked="Er is te vaak een verkeerde pincode ingetoetst. Probeer het later nog eens. Tot "
        "ziens.",
        no_pin="Deze voicemail heeft nog geen pincode. Vraag het uw beheerder. Tot ziens.",
        no_mailbox="U hebt geen voicemail. Tot ziens.",
        none="U hebt geen berichten.",
        one="U hebt {new} nieuw en {old} oud bericht.",
        many="U hebt {new} nieuwe en {old} oude berichten.",
        none_in="{mailbox} heeft geen berichten.",
        one_in="{mailbox} heeft {new} nieuw en {old} oud bericht.",
        many_in="{mailbox} heeft {new} nieuwe en {old} oude berichten.",
        main_menu="Om uw berichten te beluisteren, toets 1. Voor begroetingen, toets 2. Om aan te "
        "geven of u op kantoor bent, toets 3. Om uw pincode te wijzigen, toets 4. Om op te "
        "hangen, toets sterretje.",
        shared_hint="Voor de volgende gedeelde voicemail, toets 6.",
        shared_menu="Om de berichten te beluisteren, toets 1. Voor de volgende voicemail, toets 6. "
        "Om op te hangen, toets sterretje.",
        message_menu="Om het nog eens te horen, toets 1. Om het te bewaren, toets 2. Om het te "
        "wissen, toets 3. Om terug te bellen, toets 4. Om het door te sturen, toets 5. Voor het "
        "volgende bericht, toets 6. Voor het hoofdmenu, toets sterretje.",
        new_message="Nieuw bericht.",
        heading="Van {caller}, {weekday} de {day}e, {time} uur.",
        weekdays=(
            "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag",
        ),
        no_more="Er zijn geen berichten meer.",
        saved="Bewaard.",
        deleted="Gewist.",
        gone="Dit bericht kan niet meer worden beluisterd.",
        no_way_back="Deze beller kan niet worden teruggebeld.",
        forward_to="Toets het toestelnummer waarnaar u het doorstuurt, gevolgd door een hekje.",
        nobody_there="Bij dit toestelnummer hoort geen voicemail.",
        protected="Dit bericht is beveiligd en blijft in deze voicemail.",
        comment="Spreek na de toon een opmerking in en toets een hekje. Voor geen opmerking, toets "
        "meteen een hekje.",
        forwarded="Doorgestuurd.",
        not_forwarded="Dit bericht kan niet worden doorgestuurd.",
        full_there="Die voicemail is vol.",
        greeting_menu="Om uw begroeting op te nemen, toets 1. Om de begroeting voor uw "
        "afwezigheid op te nemen, toets 2. Om uw opnamen te verwijderen, toets 3. Om te kiezen "
        "wat bellers kunnen doen, toets 4. Om terug te gaan, toets sterretje.",
        speak_greeting="Spreek uw begroeting in na de toon en toets een hekje.",
        keep_greeting="Om deze te bewaren, toets 1. Om opnieuw op te nemen, toets 2.",
        removed="Uw opnamen zijn verwijderd.",
        not_allowed="Uw organisatie staat deze wijziging niet toe.",
        in_office="Bellers horen dat u op kantoor bent.",
        out_of_office="Bellers horen dat u niet op kantoor bent.",
        new_pin="Toets uw nieuwe pincode van 4 tot 12 cijfers in, gevolgd door een hekje.",
        same_pin="Toets deze nog eens in, gevolgd door een hekje.",
        different_pins="Dit waren twee verschillende pincodes. Er is niets gewijzigd.",
        bad_pin="Deze pincode is te makkelijk te raden. Er is niets gewijzigd.",
        pin_changed="Uw pincode is gewijzigd.",
        goodbye="Tot ziens.",
        takes_messages="Bellers kunnen een bericht inspreken.",
        turns_away="Bellers worden geweigerd.",
        greets_only="Bellers horen uw begroeting en spreken geen bericht in.",
        greets_and_leads_on="Bellers horen uw begroeting, en een toets brengt hen verder.",
        takes_messages_or_leads_on="Bellers kunnen een bericht inspreken, of een toets indrukken "
        "die hen verder brengt.",
    ),
}  # fmt: skip


def owner_words(language: str) -> tuple[OwnerWords, str]:
    """What is said, and the language of the voice: English where nothing was translated."""
    return in_language(OWNER_WORDS, language)
