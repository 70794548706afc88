/* SPDX-License-Identifier: MIT */
/*
 * list.h - a doubly-linked ring through links that live inside the items.
 *
 * The same struct is the head of a list and the link of an item. Nothing here allocates or fails.
 */
#ifndef MSP_UTIL_LIST_H
#define MSP_UTIL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct msp_list {
    struct msp_list *next;
    struct msp_list *prev;
};

/* Initialiser of a static head. */
#define MSP_LIST_INIT(head)                                                                        \
    {                                                                                              \
        &(head), &(head)                                                                           \
    }

/* The item of the given type that has `ptr` as its field `member`. */
/* clang-format off */
#define MSP_CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr) - offsetof(type, member)))
/* clang-format on */

/*
 * From the first link to the last. With _SAFE the link itself may be taken out or freed on the way;
 * it looks one link ahead, and that one must stay.
 */
#define MSP_LIST_FOR_EACH(cur, head)                                                               \
    for ((cur) = (head)->next; (cur) != (head); (cur) = (cur)->next)
#define MSP_LIST_FOR_EACH_SAFE(cur, following, head)                                               \
    for ((cur) = (head)->next, (following) = (cur)->next; (cur) != (head);                         \
            (cur) = (following), (following) = (cur)->next)

/* Makes an empty head, or a link that is in no list. */
static inline void msp_list_init(struct msp_list *list)
{
    list->next = list;
    list->prev = list;
}

/* Whether a head has no items; for the link of an item, whether it is in no list. */
static inline bool msp_list_is_empty(const struct msp_list *list)
{
    return list->next == list;
}

/* Puts a link that is in no list behind `after`: an item, or the head for the first place. */
static inline void msp_list_add_after(struct msp_list *after, struct msp_list *link)
{
    link->prev = after;
    link->next = after->next;
    after->next->prev = link;
    after->next = link;
}

static inline void msp_list_add_head(struct msp_list *head, struct msp_list *link)
{
    msp_list_add_after(head, link);
}

static inline void msp_list_add_tail(struct msp_list *head, struct msp_list *link)
{
    msp_list_add_after(head->prev, link);
}

/* Takes a link out of its list; one that is in none is left alone. */
static inline void msp_list_remove(struct msp_list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    msp_list_init(link);
}

/* The first link, or the last; NULL when the list is empty. */
static inline struct msp_list *msp_list_first(const struct msp_list *head)
{
    return head->next == head ? NULL : head->next;
}

static inline struct msp_list *msp_list_last(const struct msp_list *head)
{
    return head->prev == head ? NULL : head->prev;
}

/* Moves everything in `from` to the end of `to`; `from` is empty afterwards. */
static inline void msp_list_move_all(struct msp_list *to, struct msp_list *from)
{
    if (msp_list_is_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    msp_list_init(from);
}

#endif
